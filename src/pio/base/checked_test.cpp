// SPDX-License-Identifier: Apache-2.0
#include "pio/base/checked.h"

#include <gtest/gtest.h>

namespace pio {
namespace {

TEST(Checked, ReportsOverflow) {
  EXPECT_EQ(checked_mul(3, 4), 12u);
  EXPECT_FALSE(checked_mul(1ull << 33, 1ull << 33));
  EXPECT_FALSE(checked_add(UINT64_MAX, 1));
}

TEST(Checked, RoundsUp) {
  EXPECT_EQ(align_up(0, 64), 0);
  EXPECT_EQ(align_up(1, 64), 64);
  EXPECT_EQ(align_up(64, 64), 64);
  EXPECT_EQ(div_up(0, 3), 0);
  EXPECT_EQ(div_up(7, 3), 3);
}

}  // namespace
}  // namespace pio
