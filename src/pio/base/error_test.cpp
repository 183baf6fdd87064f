// SPDX-License-Identifier: Apache-2.0
#include "pio/base/error.h"

#include <gtest/gtest.h>

#include <string>

namespace pio {
namespace {

TEST(Error, EscapesUntrustedText) {
  EXPECT_EQ(escaped(std::string("a\n\x1b\0z", 5)), R"(a\n\x1b\x00z)");
  EXPECT_EQ(escaped(std::string(300, 'x')).size(), 203u);
}

TEST(Error, ConcatenatesTextAndNumbers) {
  EXPECT_EQ(concat("row ", 3, " of ", std::string("x"), ' ', 1.5, " ", -7LL), "row 3 of x 1.5 -7");
}

TEST(Error, CheckThrowsInvalidArgument) {
  try {
    PIO_CHECK(1 > 2, "[op] got ", 1);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
    EXPECT_STREQ(error.what(), "[op] got 1");
  }
}

}  // namespace
}  // namespace pio
