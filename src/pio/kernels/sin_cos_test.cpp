// SPDX-License-Identifier: Apache-2.0
#include "pio/kernels/sin_cos.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <random>
#include <vector>

namespace pio::kernels {
namespace {

// Angles of positions below 2^20 at usual frequencies, of all sizes, and next to multiples of pi
// / 2.
std::vector<float> angles() {
  std::mt19937 random(1);
  std::vector<float> out;
  for (int i = 0; i < 400000; ++i) {
    out.push_back(std::uniform_real_distribution<float>(-1e6f, 1e6f)(random));
    out.push_back(std::uniform_real_distribution<float>(-8.0f, 8.0f)(random));
    out.push_back(std::ldexp(std::uniform_real_distribution<float>(0.5f, 1.0f)(random),
                             static_cast<int>(random() % 60) - 29));
    const auto position = static_cast<float>(random() % (1u << 20));
    const auto power = static_cast<float>(random() % 64) / 64.0f;
    out.push_back(position * std::pow(10000.0f, -power));
  }
  for (int k = 0; k < 100000; ++k) {
    const auto near = static_cast<float>(k * std::numbers::pi / 2);
    out.insert(out.end(), {near, std::nextafter(near, 1e9f), std::nextafter(near, -1e9f)});
  }
  return out;
}

double error_in_ulps(double got, long double expected) {
  int exponent = 0;
  static_cast<void>(std::frexp(expected, &exponent));
  return static_cast<double>(std::fabs(static_cast<long double>(got) - expected) /
                             std::ldexp(1.0L, exponent - 53));
}

TEST(SinCos, WithinOneUlp) {
  for (const float angle : angles()) {
    const SinCos got = sin_cos(angle);
    const auto exact = static_cast<long double>(angle);
    ASSERT_LE(error_in_ulps(got.sin, std::sin(exact)), 1.0) << angle;
    ASSERT_LE(error_in_ulps(got.cos, std::cos(exact)), 1.0) << angle;
  }
}

TEST(SinCos, RoundedToF32EqualsLibm) {
  const std::vector<float> all = angles();
  size_t differing = 0;
  for (const float angle : all) {
    const SinCos got = sin_cos(angle);
    const auto wide = static_cast<double>(angle);
    differing += static_cast<float>(got.sin) != static_cast<float>(std::sin(wide)) ? 1 : 0;
    differing += static_cast<float>(got.cos) != static_cast<float>(std::cos(wide)) ? 1 : 0;
  }
  EXPECT_LE(differing, 2 * all.size() / 1000000);
}

TEST(SinCos, SpecialAngles) {
  EXPECT_EQ(sin_cos(0.0f).sin, 0.0);
  EXPECT_EQ(sin_cos(0.0f).cos, 1.0);
  EXPECT_EQ(sin_cos(1e-30f).sin, static_cast<double>(1e-30f));
  for (const float bad : {HUGE_VALF, -HUGE_VALF, std::nanf(""), 0x1p31f}) {
    EXPECT_TRUE(std::isnan(sin_cos(bad).sin));
    EXPECT_TRUE(std::isnan(sin_cos(bad).cos));
  }
}

}  // namespace
}  // namespace pio::kernels
