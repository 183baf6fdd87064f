// SPDX-License-Identifier: Apache-2.0
// The frequencies of rotary embeddings under the published scalings.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace pio::ops {

enum class RopeScalingKind : uint8_t { kNone, kLinearFactor, kLlama3, kYarn, kFactors };

/// Parameters of a scaling, named as in config.json's rope_scaling.
struct RopeScaling {
  RopeScalingKind kind = RopeScalingKind::kNone;
  double factor = 1.0;
  double low_freq_factor = 1.0;   ///< llama3
  double high_freq_factor = 4.0;  ///< llama3
  int64_t original_max_position_embeddings = 0;  ///< llama3, yarn
  double beta_fast = 32.0;        ///< yarn
  double beta_slow = 1.0;         ///< yarn
  double attention_factor = 0.0;  ///< yarn: multiplies cos and sin; 0: 0.1 ln(factor) + 1, or by mscale
  double mscale = 0.0;            ///< yarn
  double mscale_all_dim = 0.0;    ///< yarn
  bool truncate = true;           ///< yarn: round the correction range outwards
  std::vector<float> factors;     ///< kFactors: each frequency is divided by its own (GGUF's rope_freqs)
};

/// Angles per position and the factor on cos and sin.
struct RopeFrequencies {
  std::vector<float> inv_freq;  ///< [dims / 2]
  float factor = 1.0f;
};

/// Source: transformers' modeling_rope_utils; Peng et al. 2023, arXiv:2309.00071 (yarn).
/// Errors: kInvalidArgument for an odd dims, theta <= 0, factor <= 0, missing original length.
[[nodiscard]] RopeFrequencies rope_frequencies(double theta, int64_t dims, const RopeScaling& scaling);

}  // namespace pio::ops
