// SPDX-License-Identifier: Apache-2.0
// The search for a sub-block's scale (and offset) that the K formats' quantizers share: candidate
// ranges are tried, codes are rounded, and the scale is refitted by weighted least squares.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <span>

#include "pio/quant/codec.h"

namespace pio::quant {

/// A sub-block's value is scale * code - offset.
struct ScaleFit {
  float scale = 0.0f;
  float offset = 0.0f;  ///< at least 0
};

namespace detail {

inline constexpr int kMaxSubBlock = 32;
inline constexpr int kSteps =
    10;  // candidates on either side of the plain range, 1/10 of a step apart

using SubBlock = std::array<float, kMaxSubBlock>;

/// Importance of each value: large weights matter more to a dot product than small ones.
inline SubBlock importance(std::span<const float> values) {
  float sum = 0.0f;
  for (const float value : values) {
    sum += value * value;
  }
  const float rms = std::sqrt(sum / static_cast<float>(values.size()));
  SubBlock out{};
  for (size_t i = 0; i < values.size(); ++i) {
    out[i] = rms + std::fabs(values[i]);
  }
  return out;
}

inline float weighted_error(std::span<const float> values, const SubBlock& weights,
                            const SubBlock& codes, ScaleFit fit) {
  float error = 0.0f;
  for (size_t i = 0; i < values.size(); ++i) {
    const float difference = fit.scale * codes[i] - fit.offset - values[i];
    error += weights[i] * difference * difference;
  }
  return error;
}

/// Best scale and offset for given codes; an offset below 0 cannot be stored and is held at 0.
inline ScaleFit refit(std::span<const float> values, const SubBlock& weights, const SubBlock& codes,
                      bool with_offset) {
  float sum_w = 0, sum_x = 0, sum_q = 0, sum_qq = 0, sum_qx = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    sum_w += weights[i];
    sum_x += weights[i] * values[i];
    sum_q += weights[i] * codes[i];
    sum_qq += weights[i] * codes[i] * codes[i];
    sum_qx += weights[i] * codes[i] * values[i];
  }
  const float determinant = sum_w * sum_qq - sum_q * sum_q;
  if (with_offset && determinant > 0) {
    const float scale = (sum_w * sum_qx - sum_x * sum_q) / determinant;
    const float offset = (sum_q * sum_qx - sum_qq * sum_x) / determinant;
    if (offset >= 0) {
      return {scale, offset};
    }
  }
  return {sum_qq > 0 ? sum_qx / sum_qq : 0.0f, 0.0f};
}

/// Tries ranges around `inverse` (codes per unit); codes are round((value + shift) * inverse) in
/// [low, high].
inline ScaleFit search(std::span<const float> values, float shift, float inverse, int low, int high,
                       bool with_offset) {
  const SubBlock weights = importance(values);
  const auto range = static_cast<float>(with_offset ? high : -low);
  ScaleFit best;
  float least = std::numeric_limits<float>::infinity();
  for (int step = -kSteps; step <= kSteps; ++step) {
    const float candidate = inverse * (1.0f + 0.1f * static_cast<float>(step) / range);
    SubBlock codes{};
    for (size_t i = 0; i < values.size(); ++i) {
      codes[i] = static_cast<float>(round_into((values[i] + shift) * candidate, low, high));
    }
    const ScaleFit fit = refit(values, weights, codes, with_offset);
    const float error = weighted_error(values, weights, codes, fit);
    if (error < least) {
      least = error;
      best = fit;
    }
  }
  return best;
}

}  // namespace detail

/// Fits value = scale * code - offset with codes 0..max_code. values: at most 32 f32.
[[nodiscard]] inline ScaleFit fit_scale_offset(std::span<const float> values, int max_code) {
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  const float low = std::min(*least, 0.0f);
  const float inverse = static_cast<float>(max_code) * safe_inverse(*most - low);
  if (inverse == 0.0f || !std::isfinite(inverse)) {
    return {0.0f, -low};
  }
  const ScaleFit fit = detail::search(values, -low, inverse, 0, max_code, true);
  return fit.scale > 0.0f ? fit : ScaleFit{1.0f / inverse, -low};
}

/// Fits value = scale * code with codes low..-low - 1 (low < 0); scale may be negative. values: at
/// most 32 f32.
[[nodiscard]] inline float fit_scale(std::span<const float> values, int low) {
  const float largest = *std::max_element(
      values.begin(), values.end(), [](float a, float b) { return std::fabs(a) < std::fabs(b); });
  const float inverse = static_cast<float>(low) * safe_inverse(largest);
  if (inverse == 0.0f || !std::isfinite(inverse)) {
    return 0.0f;
  }
  return detail::search(values, 0.0f, inverse, low, -low - 1, false).scale;
}

}  // namespace pio::quant
