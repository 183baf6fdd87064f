// SPDX-License-Identifier: Apache-2.0
// The arithmetic that every version of a kernel follows bit for bit: exp, silu, roundings, lane sums.
// For the scalar references only: no inline code of this file may reach a per-ISA object.
#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace pio::kernels {

/// Nearest whole number, ties to even, INT32_MIN where it does not fit or is NaN (as cvtps2dq).
inline int32_t round_to_int32(float x) noexcept {
  return std::fabs(x) < 2147483648.0f ? static_cast<int32_t>(std::lrintf(x))
                                      : std::numeric_limits<int32_t>::min();
}

/// e^x, within 1 ulp for x in [-87, 88], clamped outside; NaN stays NaN.
inline float exp_f32(float x) noexcept {
  x = x < -87.0f ? -87.0f : x;
  x = x > 88.0f ? 88.0f : x;
  const float n = std::nearbyintf(x * 1.44269504f);
  float r = std::fma(n, -0.693359375f, x);
  r = std::fma(n, 2.12194440e-4f, r);
  float p = 1.9875691500e-4f;  // minimax on [-ln2/2, ln2/2]
  p = std::fma(p, r, 1.3981999507e-3f);
  p = std::fma(p, r, 8.3334519073e-3f);
  p = std::fma(p, r, 4.1665795894e-2f);
  p = std::fma(p, r, 1.6666665459e-1f);
  p = std::fma(p, r, 5.0000001201e-1f);
  p = std::fma(p, r, 1.0f);
  p = std::fma(p, r, 1.0f);
  const auto power = static_cast<uint32_t>(round_to_int32(n)) << 23;
  return std::bit_cast<float>(std::bit_cast<uint32_t>(p) + power);
}

/// x / (1 + e^-x), within 3 ulps for |x| <= 80.
inline float silu_f32(float x) noexcept { return x / (1.0f + exp_f32(-x)); }

/// tanh(x) as 1 - 2 / (e^2x + 1), within 2e-7.
inline float tanh_f32(float x) noexcept { return 1.0f - 2.0f / (exp_f32(2.0f * x) + 1.0f); }

/// Sixteen running sums, added pairwise 8, 4, 2, 1 apart.
struct Lanes {
  std::array<float, 16> lane{};
  [[nodiscard]] float sum() const noexcept {
    std::array<float, 16> s = lane;
    for (size_t width = 8; width > 0; width /= 2) {
      for (size_t i = 0; i < width; ++i) {
        s[i] += s[i + width];
      }
    }
    return s[0];
  }
};

}  // namespace pio::kernels
