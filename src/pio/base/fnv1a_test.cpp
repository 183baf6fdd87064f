// SPDX-License-Identifier: Apache-2.0
#include "pio/base/fnv1a.h"

#include <gtest/gtest.h>

namespace pio {
namespace {

// The published test vectors.
TEST(Fnv1a, KnownValues) {
  EXPECT_EQ(fnv1a(""), 0xcbf29ce484222325ull);
  EXPECT_EQ(fnv1a("a"), 0xaf63dc4c8601ec8cull);
  EXPECT_EQ(fnv1a("foobar"), 0x85944171f73967e8ull);
  EXPECT_NE(fnv1a("\xff"), fnv1a("\x7f"));
}

}  // namespace
}  // namespace pio
