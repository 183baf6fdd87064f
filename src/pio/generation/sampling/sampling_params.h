// SPDX-License-Identifier: Apache-2.0
// How a request wants its tokens drawn, and the checks on it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace pio::generation {

/// Sampling settings of one request. The defaults are greedy.
struct SamplingParams {
  double temperature = 0.0;  ///< 0: the likeliest token
  int64_t top_k = 0;         ///< 0: all tokens
  double top_p = 1.0;
  double min_p = 0.0;
  double repetition_penalty = 1.0;  ///< on tokens of prompt and answer
  double frequency_penalty = 0.0;   ///< times the count in the answer
  double presence_penalty = 0.0;    ///< on tokens of the answer
  uint64_t seed = 0;

  [[nodiscard]] bool has_penalties() const noexcept {
    return repetition_penalty != 1.0 || frequency_penalty != 0.0 || presence_penalty != 0.0;
  }
};

/// Errors: kInvalidArgument naming the field and its value: temperature outside [0, 100], top_k below 0, top_p
/// outside (0, 1], min_p outside [0, 1), repetition_penalty outside (0, 100], other penalties outside [-2, 2].
void check(const SamplingParams& params);

}  // namespace pio::generation
