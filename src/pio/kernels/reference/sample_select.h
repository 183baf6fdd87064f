// SPDX-License-Identifier: Apache-2.0
// Sampling less its four loops over the vocabulary, which each instruction set brings. Compiled
// once.
#pragma once

#include "pio/kernels/params.h"

namespace pio::kernels {

/// Ids whose weights are summed together.
inline constexpr int64_t kSampleBlock = 256;

/// The loops over all ids.
struct SampleLoops {
  /// Id of the largest logit, the lowest among equals; -1 if one is NaN or none is finite.
  int32_t (*argmax)(const float* logits, int64_t vocab) noexcept;
  /// p[id] = exp((logit - max) / temperature), 0 for a logit of -inf and for p below min_p (0: none).
  void (*weigh)(const float* logits, int64_t vocab, float max, float temperature, float min_p,
                float* p) noexcept;
  /// Sum of n <= kSampleBlock weights in 16 lanes of f64 (index mod 16), added 8, 4, 2, 1 apart.
  double (*block_mass)(const float* p, int64_t n) noexcept;
  /// Writes the ids of all p >= bound, rising; returns their number.
  int64_t (*collect)(const float* p, int64_t vocab, float bound, int32_t* ids) noexcept;
};

/// The sample kernel over these loops.
void sample_rows(const SampleParams& p, int64_t begin, int64_t end,
                 const SampleLoops& loops) noexcept;

}  // namespace pio::kernels
