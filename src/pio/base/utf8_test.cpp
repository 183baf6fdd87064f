// SPDX-License-Identifier: Apache-2.0
#include "pio/base/utf8.h"

#include <gtest/gtest.h>

namespace pio {
namespace {

TEST(Utf8, ReplacesAsPythonDoes) {
  EXPECT_EQ(utf8::sanitized("a\xe2\x82z"), "a\ufffdz");
  EXPECT_EQ(utf8::sanitized("\xc0\xaf"), "\ufffd\ufffd");
  EXPECT_EQ(utf8::sanitized("\xed\xa0\x80"), "\ufffd\ufffd\ufffd");
  EXPECT_EQ(utf8::sanitized("\xf0\x9f\x98\x80"), "\U0001f600");
}

}  // namespace
}  // namespace pio
