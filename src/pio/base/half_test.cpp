// SPDX-License-Identifier: Apache-2.0
#include "pio/base/half.h"

#include <gtest/gtest.h>

#include <cmath>

namespace pio {
namespace {

TEST(Half, EveryF16SurvivesTheRoundTrip) {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    const auto half = static_cast<uint16_t>(bits);
    const float value = f16_to_f32(half);
    if (std::isnan(value)) {
      EXPECT_TRUE(std::isnan(f16_to_f32(f32_to_f16(value))));
    } else {
      EXPECT_EQ(f32_to_f16(value), half) << bits;
    }
  }
}

TEST(Half, RoundsToNearestEven) {
  EXPECT_EQ(f32_to_f16(65519.0f), 0x7bff);
  EXPECT_EQ(f32_to_f16(65520.0f), 0x7c00);
  EXPECT_EQ(f32_to_f16(0x1.002p0f), 0x3c00);  // a tie goes to even
  EXPECT_EQ(f32_to_f16(0x1.006p0f), 0x3c02);
  EXPECT_EQ(f32_to_f16(0x1p-25f), 0x0000);  // half the least subnormal: a tie
  EXPECT_EQ(f32_to_f16(0x1.8p-25f), 0x0001);
  EXPECT_EQ(f32_to_bf16(1.00390625f), 0x3f80);  // a tie goes to even
  EXPECT_EQ(f32_to_bf16(1.01171875f), 0x3f82);
}

}  // namespace
}  // namespace pio
