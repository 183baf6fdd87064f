// SPDX-License-Identifier: Apache-2.0
// Functions in f64, rounded to f32, against libm's over a sweep: error in units of the f32's last place.
#include "pio/kernels/wide_math.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace pio::kernels {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

double ulps(double got, double expected) {
  const auto rounded = static_cast<double>(static_cast<float>(got));
  int exponent = 0;
  static_cast<void>(std::frexp(expected, &exponent));
  return std::fabs(rounded - expected) / std::ldexp(1.0, std::max(exponent, -125) - 24);
}

// The worst of got(x) against expected(x) for f32 values x in [begin, end].
template <class Got, class Expected>
double worst(float begin, float end, const Got& got, const Expected& expected) {
  double out = 0;
  for (int i = 0; i <= 200000; ++i) {
    const auto x = static_cast<double>(begin + (end - begin) * static_cast<float>(i) * 5e-6f);
    out = std::max(out, ulps(got(x), expected(x)));
  }
  return out;
}

// Half an ulp is what rounding to f32 alone costs.
constexpr double kBound = 0.51;

TEST(WideMath, Exp) {
  const auto libm = [](double x) { return std::exp(x); };
  EXPECT_LT(worst(-103.0f, 88.7f, wide::exp, libm), kBound);
  EXPECT_LT(worst(-1.0f, 1.0f, wide::exp, libm), kBound);
  EXPECT_EQ(wide::exp(0.0), 1.0);
  EXPECT_EQ(static_cast<float>(wide::exp(-1000.0)), 0.0f);
  EXPECT_EQ(static_cast<float>(wide::exp(static_cast<double>(-kInf))), 0.0f);
  EXPECT_EQ(static_cast<float>(wide::exp(89.0)), kInf);
  EXPECT_TRUE(std::isnan(wide::exp(static_cast<double>(kNan))));
}

TEST(WideMath, Log) {
  const auto libm = [](double x) { return std::log(x); };
  EXPECT_LT(worst(1e-6f, 2.0f, wide::log, libm), kBound);
  EXPECT_LT(worst(0.999f, 1.001f, wide::log, libm), kBound);
  EXPECT_LT(worst(1e-45f, 1e-38f, wide::log, libm), kBound);
  EXPECT_LT(worst(1.0f, 3e38f, wide::log, libm), kBound);
  EXPECT_EQ(wide::log(1.0), 0.0);
  EXPECT_EQ(wide::log(0.0), static_cast<double>(-kInf));
  EXPECT_EQ(wide::log(static_cast<double>(kInf)), static_cast<double>(kInf));
  EXPECT_TRUE(std::isnan(wide::log(-1.0)) && std::isnan(wide::log(static_cast<double>(kNan))));
}

TEST(WideMath, Log1p) {
  const auto libm = [](double x) { return std::log1p(x); };
  EXPECT_LT(worst(0.0f, 1.0f, wide::log1p, libm), kBound);
  EXPECT_LT(worst(0.0f, 1e-5f, wide::log1p, libm), kBound);
}

TEST(WideMath, Pow) {
  for (const double y : {3.0, -2.0, 0.5, -0.5, 1.0 / 3.0, 2.4, -7.5, 12.0}) {
    const auto got = [y](double x) { return wide::pow(x, y); };
    const auto libm = [y](double x) { return std::pow(x, y); };
    EXPECT_LT(worst(1e-3f, 20.0f, got, libm), kBound) << y;
  }
  EXPECT_LT(worst(-9.0f, -0.5f, [](double x) { return wide::pow(x, -3.0); },
                  [](double x) { return std::pow(x, -3.0); }), kBound);
  // Whatever C's pow says of the corners.
  for (const float x : {0.0f, -0.0f, 1.0f, -1.0f, kInf, -kInf, kNan, -2.0f}) {
    for (const double y : {0.0, 1.0, 2.0, 3.0, -1.0, -2.0, 0.5, -0.5}) {
      const auto expected = static_cast<float>(std::pow(static_cast<double>(x), y));
      const auto got = static_cast<float>(wide::pow(static_cast<double>(x), y));
      EXPECT_TRUE(got == expected || (std::isnan(got) && std::isnan(expected))) << x << "^" << y << " gave " << got;
      EXPECT_TRUE(std::isnan(got) || std::signbit(got) == std::signbit(expected)) << x << "^" << y;
    }
  }
}

TEST(WideMath, Tanh) {
  const auto libm = [](double x) { return std::tanh(x); };
  EXPECT_LT(worst(-20.0f, 20.0f, wide::tanh, libm), kBound);
  EXPECT_LT(worst(-0.01f, 0.01f, wide::tanh, libm), kBound);
  EXPECT_EQ(wide::tanh(static_cast<double>(kInf)), 1.0);
  EXPECT_EQ(wide::tanh(static_cast<double>(-kInf)), -1.0);
}

TEST(WideMath, Erfc) {
  const auto libm = [](double x) { return std::erfc(x); };
  EXPECT_LT(worst(-7.0f, 9.0f, wide::erfc, libm), kBound);
  EXPECT_LT(worst(-0.1f, 0.1f, wide::erfc, libm), kBound);
  EXPECT_EQ(wide::erfc(static_cast<double>(-kInf)), 2.0);
  EXPECT_EQ(static_cast<float>(wide::erfc(static_cast<double>(kInf))), 0.0f);
}

}  // namespace
}  // namespace pio::kernels
