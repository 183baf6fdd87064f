// SPDX-License-Identifier: Apache-2.0
// sine and cosine in f64 from multiplications and additions alone: the same bits on every CPU and
// with every libm. For the scalar references only.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

namespace pio::kernels {

/// Both functions of one angle.
struct SinCos {
  double sin, cos;
};

namespace detail {

/// sin and cos of r = high + low, |r| <= pi / 4 and a little: Taylor's series, whose next term is
/// below 2^-60 of the result.
[[nodiscard]] inline SinCos sin_cos_reduced(double high, double low) noexcept {
  const double z = high * high;
  double s = 1.0 / 355687428096000.0;    // 17!
  s = s * z - 1.0 / 1307674368000.0;     // 15!
  s = s * z + 1.0 / 6227020800.0;        // 13!
  s = s * z - 1.0 / 39916800.0;          // 11!
  s = s * z + 1.0 / 362880.0;            // 9!
  s = s * z - 1.0 / 5040.0;              // 7!
  s = s * z + 1.0 / 120.0;               // 5!
  s = s * z - 1.0 / 6.0;                 // 3!
  double c = -1.0 / 6402373705728000.0;  // 18!
  c = c * z + 1.0 / 20922789888000.0;    // 16!
  c = c * z - 1.0 / 87178291200.0;       // 14!
  c = c * z + 1.0 / 479001600.0;         // 12!
  c = c * z - 1.0 / 3628800.0;           // 10!
  c = c * z + 1.0 / 40320.0;             // 8!
  c = c * z - 1.0 / 720.0;               // 6!
  c = c * z + 1.0 / 24.0;                // 4!
  const double half_z = 0.5 * z;
  const double one_less = 1.0 - half_z;  // its rounding error is added again
  return {.sin = high + (high * z * s + low * one_less),
          .cos = one_less + ((1.0 - one_less - half_z) + (z * z * c - high * low))};
}

}  // namespace detail

/// sin(x) and cos(x) within 1 ulp of f64 for |x| < 2^31; NaN beyond. x is the value of an f32: its
/// 24 bits make every subtraction of the reduction exact.
[[nodiscard]] inline SinCos sin_cos(float angle) noexcept {
  const auto x = static_cast<double>(angle);
  if (!(std::fabs(x) < 0x1p31)) {
    return {.sin = std::numeric_limits<double>::quiet_NaN(),
            .cos = std::numeric_limits<double>::quiet_NaN()};
  }
  // pi / 2 in pieces of 22 bits, so that n < 2^31 times a piece is exact, and a last one of 53.
  const double n = std::nearbyint(x * 0x1.45f306dc9c883p-1);  // 2 / pi
  const double left = x - n * 0x1.921fbp+0 - n * 0x1.5110bp-22;
  const double third = n * 0x1.184698p-44;
  double high = left - third;
  const double back = high + third;  // left - third = high + low, exactly
  double low = (left - back) + (back - high - third);
  low -= n * 0x1.3198a2e037073p-69;
  const double sum = high + low;
  low -= sum - high;
  high = sum;
  const SinCos r = detail::sin_cos_reduced(high, low);
  switch (static_cast<int64_t>(n) & 3) {
    case 0:
      return r;
    case 1:
      return {.sin = r.cos, .cos = -r.sin};
    case 2:
      return {.sin = -r.sin, .cos = -r.cos};
    default:
      return {.sin = -r.cos, .cos = r.sin};
  }
}

}  // namespace pio::kernels
