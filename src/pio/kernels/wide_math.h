// SPDX-License-Identifier: Apache-2.0
// Functions of f32 values, computed in f64 from additions, multiplications and divisions alone: rounded
// to f32 they are within 1 ulp, and the same bits with every libm. For the scalar references only.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace pio::kernels::wide {

inline constexpr double kLn2 = 0x1.62e42fefa39efp-1;

/// e^x for |x| <= 700, clamped outside: its f32 is then 0 or infinite.
[[nodiscard]] inline double exp(double x) noexcept {
  if (x != x) {
    return x;
  }
  x = x < -700.0 ? -700.0 : x > 700.0 ? 700.0 : x;
  const double n = std::nearbyint(x * 0x1.71547652b82fep+0);  // 1 / ln 2
  const double r = (x - n * 0x1.62e42fee00000p-1) - n * 0x1.a39ef35793c76p-33;
  double p = 1.0 / 39916800.0;  // Taylor, 11!
  p = p * r + 1.0 / 3628800.0;
  p = p * r + 1.0 / 362880.0;
  p = p * r + 1.0 / 40320.0;
  p = p * r + 1.0 / 5040.0;
  p = p * r + 1.0 / 720.0;
  p = p * r + 1.0 / 120.0;
  p = p * r + 1.0 / 24.0;
  p = p * r + 1.0 / 6.0;
  p = p * r + 0.5;
  p = p * r + 1.0;
  p = p * r + 1.0;
  const auto power = static_cast<uint64_t>(static_cast<int64_t>(n) + 1023) << 52;
  return p * std::bit_cast<double>(power);
}

/// Natural logarithm of 0, of any normal x > 0 and of infinity; NaN below 0.
[[nodiscard]] inline double log(double x) noexcept {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (!(x > 0.0) || x == kInfinity) {
    return x == 0.0 ? -kInfinity : x == kInfinity ? x : std::numeric_limits<double>::quiet_NaN();
  }
  const auto bits = std::bit_cast<uint64_t>(x);
  auto exponent = static_cast<double>(static_cast<int64_t>(bits >> 52) - 1023);
  double m = std::bit_cast<double>((bits & 0xfffffffffffffu) | 0x3ff0000000000000u);
  if (m > 1.4142135623730951) {
    m *= 0.5;
    exponent += 1.0;
  }
  const double s = (m - 1.0) / (m + 1.0);  // log m = 2 atanh s, |s| < 0.172
  const double z = s * s;
  double p = 1.0 / 19.0;
  p = p * z + 1.0 / 17.0;
  p = p * z + 1.0 / 15.0;
  p = p * z + 1.0 / 13.0;
  p = p * z + 1.0 / 11.0;
  p = p * z + 1.0 / 9.0;
  p = p * z + 1.0 / 7.0;
  p = p * z + 1.0 / 5.0;
  p = p * z + 1.0 / 3.0;
  p = p * z + 1.0;
  return exponent * kLn2 + 2.0 * s * p;
}

/// log(1 + u) for u in [0, 1].
[[nodiscard]] inline double log1p(double u) noexcept {
  return u < 0x1p-20 ? u - 0.5 * u * u : log(1.0 + u);
}

/// x^y for finite y, with the special cases of C's pow.
[[nodiscard]] inline double pow(double x, double y) noexcept {
  if (y == 0.0 || x == 1.0) {
    return 1.0;
  }
  const bool whole = std::trunc(y) == y;
  const bool odd = whole && std::trunc(0.5 * y) != 0.5 * y;
  if (x < 0.0 && !whole) {
    return x == -std::numeric_limits<double>::infinity() ? exp(y * -log(0.0))
                                                        : std::numeric_limits<double>::quiet_NaN();
  }
  const double size = x != x ? x : exp(y * log(std::fabs(x)));
  return odd && std::signbit(x) ? -size : size;
}

/// Hyperbolic tangent.
[[nodiscard]] inline double tanh(double x) noexcept {
  if (std::fabs(x) < 0x1p-10) {
    return x - x * x * x * (1.0 / 3.0);
  }
  const double e = exp(2.0 * x);
  return 1.0 - 2.0 / (e + 1.0);
}

/// 1 - erf(x), relative error below 1e-12: e^-x^2 times a polynomial in t = 2 / (2 + |x|), fitted by Chebyshev.
[[nodiscard]] inline double erfc(double x) noexcept {
  constexpr double kFit[] = {  // highest power of 2 t - 1 first; error 1e-13
      -1.2729964136464117e-08, -1.1223479850624209e-07, 2.944256207869799e-07, 5.726059144165788e-07,
      -2.1245746772607027e-06, -4.40168945924723e-08, 8.257031967793383e-06, -1.1218361443276762e-05,
      -1.715576070200104e-05, 7.239788243903447e-05, -1.7164851243439324e-05, -0.00033158011870635176,
      0.0004186449137444078, 0.0015453126786164268, -0.003239592294873623, -0.010755331462897004,
      0.018221115746270108, 0.13973604629370673, 0.34358034220694106, 0.5107913526209331,
  };
  const double size = std::fabs(x);
  const double t = 2.0 / (2.0 + size);
  const double u = 2.0 * t - 1.0;
  double p = 0.0;
  for (const double c : kFit) {
    p = p * u + c;
  }
  const double tail = exp(-size * size) * (p * t);
  return x < 0.0 ? 2.0 - tail : tail;
}

}  // namespace pio::kernels::wide
