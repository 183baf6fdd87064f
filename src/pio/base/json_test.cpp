// SPDX-License-Identifier: Apache-2.0
#include "pio/base/json.h"

#include <gtest/gtest.h>

#include <string>

#include "pio/base/error.h"

namespace pio {
namespace {

TEST(Json, KeepsOrderAndKinds) {
  const auto value = json::parse_value(
      R"({"b": 1, "a": [true, null, 1.5, "x\u00e9"], "c": 18446744073709551615})", "t");
  EXPECT_EQ(value.as_object()[0].first, "b");
  EXPECT_EQ(value.find("b")->as_integer(), 1);
  EXPECT_EQ(value.find("c")->as_unsigned(), UINT64_MAX);
  EXPECT_EQ(value.dump(),
            "{\"b\": 1, \"a\": [true, null, 1.5, \"xé\"], \"c\": 18446744073709551615}");
}

void expect_rejected(const std::string& text, const std::string& reason) {
  try {
    static_cast<void>(json::parse_value(text, "file.json"));
    FAIL() << "accepted: " << text.substr(0, 40);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kBadFile);
    EXPECT_NE(std::string(error.what()).find(reason), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("file.json: byte "), std::string::npos)
        << error.what();
  }
}

TEST(Json, RejectsWhatTheFormatForbids) {
  expect_rejected("{\"a\": 1, \"a\": 1}", "duplicate key");
  expect_rejected(std::string(100000, '['), "depth limit");
  expect_rejected("\xef\xbb\xbf{}", "byte order mark");
  expect_rejected(std::string("{}\0garbage", 10), "NUL byte");
  expect_rejected("[1] x", "invalid JSON");
  expect_rejected("{\"a\"", "invalid JSON");
  expect_rejected("[1e400]", "number");
  expect_rejected("\"\xff\"", "invalid JSON");
}

}  // namespace
}  // namespace pio
