// SPDX-License-Identifier: Apache-2.0
#include "pio/base/split_mix.h"

#include <gtest/gtest.h>

namespace pio {
namespace {

// The first numbers of Vigna's splitmix64.c from seed 0.
TEST(SplitMix, GivesThePublishedNumbers) {
  EXPECT_EQ(split_mix(kSplitMixStep), 0xe220a8397b1dcdafull);
  EXPECT_EQ(split_mix(2 * kSplitMixStep), 0x6e789e6aa1b965f4ull);
}

}  // namespace
}  // namespace pio
