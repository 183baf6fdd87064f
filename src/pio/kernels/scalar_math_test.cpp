// SPDX-License-Identifier: Apache-2.0
// The references' functions against f64, over a sweep. Bounds are in units of the f32 result's last
// place, about 10 % above what was measured.
#include "pio/kernels/scalar_math.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace pio::kernels {
namespace {

double error_in_ulps(float got, double expected) {
  int exponent = 0;
  static_cast<void>(std::frexp(expected, &exponent));
  return std::fabs(static_cast<double>(got) - expected) /
         std::ldexp(1.0, std::max(exponent, -125) - 24);
}

// The largest of error(x) for x in [begin, end].
template <class Error>
double worst(float begin, float end, const Error& error) {
  double out = 0;
  for (int i = 0; i <= 1000000; ++i) {
    out = std::max(out, error(begin + (end - begin) * static_cast<float>(i) * 1e-6f));
  }
  return out;
}

TEST(ScalarMath, ExpWithinOneUlp) {
  const auto error = [](float x) {
    return error_in_ulps(exp_f32(x), std::exp(static_cast<double>(x)));
  };
  EXPECT_LT(worst(-87.0f, 88.0f, error), 1.0);
  EXPECT_LT(worst(-1.0f, 1.0f, error), 1.0);
  EXPECT_EQ(exp_f32(0.0f), 1.0f);
  EXPECT_EQ(exp_f32(-1000.0f), exp_f32(-87.0f));
  EXPECT_EQ(exp_f32(HUGE_VALF), exp_f32(88.0f));
  EXPECT_TRUE(std::isnan(exp_f32(std::nanf(""))));
}

TEST(ScalarMath, SiluWithinThreeUlps) {
  const auto error = [](float x) {
    const auto wide = static_cast<double>(x);
    return error_in_ulps(silu_f32(x), wide / (1.0 + std::exp(-wide)));
  };
  EXPECT_LT(worst(-80.0f, 80.0f, error), 2.5);
  EXPECT_LT(worst(-1.0f, 1.0f, error), 2.5);
  EXPECT_LT(std::fabs(silu_f32(-200.0f)), 1e-35f);
  EXPECT_EQ(silu_f32(200.0f), 200.0f);
}

TEST(ScalarMath, TanhWithinTwoTenMillionths) {
  const auto error = [](float x) {
    return std::fabs(static_cast<double>(tanh_f32(x)) - std::tanh(static_cast<double>(x)));
  };
  EXPECT_LT(worst(-20.0f, 20.0f, error), 2e-7);
  EXPECT_LT(worst(-1.0f, 1.0f, error), 2e-7);
  EXPECT_EQ(tanh_f32(100.0f), 1.0f);
  EXPECT_EQ(tanh_f32(-100.0f), -1.0f);
}

TEST(ScalarMath, RoundsToEvenAndSaysWhatDoesNotFit) {
  EXPECT_EQ(round_to_int32(2.5f), 2);
  EXPECT_EQ(round_to_int32(3.5f), 4);
  EXPECT_EQ(round_to_int32(-2.5f), -2);
  for (const float bad : {2147483648.0f, -HUGE_VALF, std::nanf("")}) {
    EXPECT_EQ(round_to_int32(bad), INT32_MIN);
  }
}

}  // namespace
}  // namespace pio::kernels
