// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "pio/base/checked.h"
#include "pio/base/error.h"
#include "pio/base/half.h"
#include "pio/base/json.h"
#include "pio/base/mmap_file.h"
#include "pio/base/utf8.h"

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
  EXPECT_EQ(f32_to_f16(0x1.002p0f), 0x3c00);     // a tie goes to even
  EXPECT_EQ(f32_to_f16(0x1.006p0f), 0x3c02);
  EXPECT_EQ(f32_to_f16(0x1p-25f), 0x0000);       // half the least subnormal: a tie
  EXPECT_EQ(f32_to_f16(0x1.8p-25f), 0x0001);
  EXPECT_EQ(f32_to_bf16(1.00390625f), 0x3f80);   // a tie goes to even
  EXPECT_EQ(f32_to_bf16(1.01171875f), 0x3f82);
}

TEST(Checked, ReportsOverflow) {
  EXPECT_EQ(checked_mul(3, 4), 12u);
  EXPECT_FALSE(checked_mul(1ull << 33, 1ull << 33));
  EXPECT_FALSE(checked_add(UINT64_MAX, 1));
}

TEST(Json, KeepsOrderAndKinds) {
  const auto value = json::parse_value(R"({"b": 1, "a": [true, null, 1.5, "x\u00e9"], "c": 18446744073709551615})", "t");
  EXPECT_EQ(value.as_object()[0].first, "b");
  EXPECT_EQ(value.find("b")->as_integer(), 1);
  EXPECT_EQ(value.find("c")->as_unsigned(), UINT64_MAX);
  EXPECT_EQ(value.dump(), "{\"b\": 1, \"a\": [true, null, 1.5, \"xé\"], \"c\": 18446744073709551615}");
}

void expect_rejected(const std::string& text, const std::string& reason) {
  try {
    static_cast<void>(json::parse_value(text, "file.json"));
    FAIL() << "accepted: " << text.substr(0, 40);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kBadFile);
    EXPECT_NE(std::string(error.what()).find(reason), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("file.json: byte "), std::string::npos) << error.what();
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

TEST(Utf8, ReplacesAsPythonDoes) {
  EXPECT_EQ(utf8::sanitized("a\xe2\x82z"), "a\ufffdz");
  EXPECT_EQ(utf8::sanitized("\xc0\xaf"), "\ufffd\ufffd");
  EXPECT_EQ(utf8::sanitized("\xed\xa0\x80"), "\ufffd\ufffd\ufffd");
  EXPECT_EQ(utf8::sanitized("\xf0\x9f\x98\x80"), "\U0001f600");
}

TEST(MmapFile, MapsRegularFilesOnly) {
  const auto path = std::filesystem::path(testing::TempDir()) / "pio_mmap_test";
  std::ofstream(path) << "hello";
  EXPECT_EQ(MmapFile(path).bytes().size(), 5u);
  EXPECT_THROW(MmapFile(testing::TempDir()), Error);
  EXPECT_THROW(MmapFile("/nonexistent/file"), Error);
  EXPECT_THROW(MmapFile("/dev/null"), Error);
  std::filesystem::remove(path);
}

TEST(Error, EscapesUntrustedText) {
  EXPECT_EQ(escaped(std::string("a\n\x1b\0z", 5)), R"(a\n\x1b\x00z)");
  EXPECT_EQ(escaped(std::string(300, 'x')).size(), 203u);
}

}  // namespace
}  // namespace pio
