// SPDX-License-Identifier: Apache-2.0
// GGUF files that must load, and what the reader gives of them.
#include "pio/formats/gguf.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>

#include "pio/base/log.h"
#include "pio/formats/gguf_test_builder.h"

namespace pio::formats {
namespace {

constexpr uint32_t kF32 = 0;
constexpr uint32_t kQ4_0 = 2;

GgufBuilder small() {
  GgufBuilder out;
  out.key_string("general.architecture", "llama").key_u32("llama.block_count", 2);
  out.tensor("norm", {8}, kF32, 32).tensor("w", {32, 3}, kQ4_0, 54);
  return out;
}

TEST(Gguf, ReadsTensors) {
  for (const uint32_t version : {2u, 3u}) {
    GgufBuilder builder = small();
    builder.version = version;
    const std::string bytes = builder.build();
    const GgufFile file(as_bytes(bytes), "x.gguf");
    EXPECT_EQ(file.version(), version);
    ASSERT_EQ(file.tensors().size(), 2u);
    const TensorInfo& w = file.require("w");
    EXPECT_EQ(w.shape, (std::vector<int64_t>{3, 32}));
    EXPECT_EQ(w.type, quant::QuantType::kQ4_0);
    ASSERT_EQ(w.bytes.size(), 54u);
    EXPECT_EQ(w.bytes.data(), as_bytes(bytes).data() + bytes.size() - 54);
    EXPECT_EQ(w.bytes[53], std::byte{53});
    EXPECT_EQ(file.find("absent"), nullptr);
    EXPECT_THROW(static_cast<void>(file.require("absent")), Error);
  }
}

TEST(Gguf, G27CustomAlignment) {
  GgufBuilder builder;
  builder.alignment = 64;
  builder.key_u32("general.alignment", 64);
  const std::string bytes = builder.tensor("a", {3}, kF32, 12).tensor("b", {3}, kF32, 12).build();
  const GgufFile file(as_bytes(bytes), "x.gguf");
  EXPECT_EQ(file.alignment(), 64u);
  EXPECT_EQ(file.require("b").bytes.data() - file.require("a").bytes.data(), 64);
  EXPECT_EQ((file.require("a").bytes.data() - as_bytes(bytes).data()) % 64, 0);
}

TEST(Gguf, G31TrailingJunkGivesOneWarning) {
  std::vector<std::string> lines;
  log::set_sink([&](log::Level, std::string_view line) { lines.emplace_back(line); },
                log::Level::kWarning);
  const std::string bytes = small().build();
  const std::string padded = bytes + std::string((32 - bytes.size() % 32) % 32, '\0');
  static_cast<void>(GgufFile(as_bytes(bytes), "x.gguf"));
  static_cast<void>(GgufFile(as_bytes(padded), "x.gguf"));
  EXPECT_TRUE(lines.empty());
  const std::string junk = padded + std::string(1 << 20, 'j');
  const GgufFile file(as_bytes(junk), "x.gguf");
  log::set_sink({}, log::Level::kError);
  EXPECT_EQ(file.tensors().size(), 2u);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_NE(lines[0].find("1048576 bytes"), std::string::npos) << lines[0];
}

TEST(Gguf, G33NameOf64Bytes) {
  const std::string name(64, 'n');
  const std::string bytes = GgufBuilder().tensor(name, {1}, kF32, 4).build();
  EXPECT_NE(GgufFile(as_bytes(bytes), "x.gguf").find(name), nullptr);
}

TEST(Gguf, WithoutTensorsIsAVocabulary) {
  const std::string bytes = GgufBuilder().key_string("a", "b").build();
  EXPECT_TRUE(GgufFile(as_bytes(bytes), "x.gguf").tensors().empty());
}

TEST(Gguf, TypesWithoutKernelAreListedByName) {
  const std::string bytes =
      GgufBuilder().tensor("w", {256}, 13, 176).tensor("n", {2}, 27, 16).build();
  const GgufFile file(as_bytes(bytes), "x.gguf");
  ASSERT_EQ(file.others().size(), 2u);
  EXPECT_EQ(file.others()[1].dtype, "I64");
  EXPECT_EQ(file.others()[1].bytes.size(), 16u);
  expect_rejected({ErrorCode::kUnsupported, "Q5_K", "x.gguf", false},
                  [&] { static_cast<void>(file.require("w")); });
}

class GgufValues : public testing::Test {
 protected:
  GgufValues() : bytes_(build()), file_(as_bytes(bytes_), "x.gguf") {}

  static std::string build() {
    using enum GgufType;
    const auto string = static_cast<uint32_t>(kString);
    GgufBuilder b;
    b.key("u8", kU8, raw(uint8_t{200})).key("i8", kI8, raw(int8_t{-5}));
    b.key("u16", kU16, raw(uint16_t{60000})).key("i16", kI16, raw(int16_t{-300}));
    b.key("u32", kU32, raw(4000000000u)).key("i32", kI32, raw(-7)).key("i32+", kI32, raw(7));
    b.key("u64", kU64, raw(UINT64_MAX)).key("i64", kI64, raw(INT64_MIN));
    b.key("f32", kF32, raw(1.5f)).key("f64", kF64, raw(0.1)).key("inf", kF32, raw(HUGE_VALF));
    b.key("true", kBool, raw(uint8_t{1})).key("false", kBool, raw(uint8_t{0}));
    b.key_string("text", "h\xff\0i").key_string("empty", "");
    b.key("strings", kArray,
          gguf_array(string, 3, gguf_string("a") + gguf_string("") + gguf_string("\xff\xfe")));
    b.key("ints", kArray, gguf_array(static_cast<uint32_t>(kI32), 3, raw(1) + raw(-2) + raw(3)));
    b.key("big", kArray, gguf_array(static_cast<uint32_t>(kU64), 1, raw(UINT64_MAX)));
    b.key("floats", kArray, gguf_array(static_cast<uint32_t>(kF32), 2, raw(0.5f) + raw(-1.f)));
    b.key("bools", kArray, gguf_array(static_cast<uint32_t>(kBool), 2, std::string("\1\0", 2)));
    b.key("none", kArray, gguf_array(string, 0));
    return b.build();
  }

  void rejects(std::string_view message, const std::function<void()>& get) const {
    expect_rejected({ErrorCode::kBadFile, message, "x.gguf"}, get);
  }

  std::string bytes_;
  GgufFile file_;
};

TEST_F(GgufValues, NumbersOfEveryType) {
  EXPECT_EQ(file_.get_uint("u8"), 200u);
  EXPECT_EQ(file_.get_int("i8"), -5);
  EXPECT_EQ(file_.get_uint("u16"), 60000u);
  EXPECT_EQ(file_.get_int("i16"), -300);
  EXPECT_EQ(file_.get_uint("u32"), 4000000000u);
  EXPECT_EQ(file_.get_int("i32"), -7);
  EXPECT_EQ(file_.get_uint("i32+"), 7u);
  EXPECT_EQ(file_.get_uint("u64"), UINT64_MAX);
  EXPECT_EQ(file_.get_int("i64"), INT64_MIN);
  EXPECT_EQ(file_.get_float("f32"), 1.5);
  EXPECT_EQ(file_.get_float("f64"), 0.1);
  EXPECT_EQ(file_.get_float("inf"), HUGE_VAL);
  EXPECT_EQ(file_.get_bool("true"), true);
  EXPECT_EQ(file_.get_bool("false"), false);
  EXPECT_EQ(file_.get("u8")->type_name(), "u8");
}

TEST_F(GgufValues, StringsAndArraysPointIntoTheFile) {
  EXPECT_EQ(file_.get_string("text")->size(), 2u);
  EXPECT_EQ(file_.get_string("empty"), "");
  const auto strings = file_.get_array_of_strings("strings");
  EXPECT_EQ(*strings, (std::vector<std::string_view>{"a", "", "\xff\xfe"}));
  EXPECT_GE(strings->at(0).data(), bytes_.data());
  EXPECT_LT(strings->at(0).data(), bytes_.data() + bytes_.size());
  EXPECT_TRUE(file_.get_array_of_strings("none")->empty());
  EXPECT_EQ(*file_.get_array_of_ints("ints"), (std::vector<int64_t>{1, -2, 3}));
  EXPECT_EQ(*file_.get_array_of_floats("floats"), (std::vector<float>{0.5f, -1.0f}));
  EXPECT_EQ(*file_.get_array_of_bools("bools"), (std::vector<bool>{true, false}));
  EXPECT_EQ(file_.get("ints")->type_name(), "array of i32");
}

TEST_F(GgufValues, AbsentKeysGiveNothing) {
  EXPECT_EQ(file_.get("x"), nullptr);
  EXPECT_FALSE(file_.get_uint("x") || file_.get_int("x") || file_.get_float("x"));
  EXPECT_FALSE(file_.get_bool("x") || file_.get_string("x") || file_.get_array_of_strings("x"));
  EXPECT_FALSE(file_.get_array_of_ints("x") || file_.get_array_of_floats("x") ||
               file_.get_array_of_bools("x"));
}

TEST_F(GgufValues, M05WrongTypesNameKeyAndType) {
  rejects("key \"text\" has type string", [&] { static_cast<void>(file_.get_uint("text")); });
  rejects("key \"text\" has type string", [&] { static_cast<void>(file_.get_int("text")); });
  rejects("key \"text\" has type string", [&] { static_cast<void>(file_.get_float("text")); });
  rejects("key \"f32\" has type f32", [&] { static_cast<void>(file_.get_uint("f32")); });
  rejects("key \"u32\" has type u32", [&] { static_cast<void>(file_.get_float("u32")); });
  rejects("key \"u8\" has type u8", [&] { static_cast<void>(file_.get_bool("u8")); });
  rejects("key \"u8\" has type u8", [&] { static_cast<void>(file_.get_string("u8")); });
  rejects("key \"ints\" has type array of i32", [&] { static_cast<void>(file_.get_uint("ints")); });
  rejects("array of i32", [&] { static_cast<void>(file_.get_array_of_strings("ints")); });
  rejects("array of string", [&] { static_cast<void>(file_.get_array_of_ints("strings")); });
  rejects("array of i32", [&] { static_cast<void>(file_.get_array_of_floats("ints")); });
  rejects("array of i32", [&] { static_cast<void>(file_.get_array_of_bools("ints")); });
  rejects("has type string", [&] { static_cast<void>(file_.get_array_of_ints("text")); });
}

TEST_F(GgufValues, M05RangesNameKeyAndValue) {
  rejects("key \"i32\" is -7", [&] { static_cast<void>(file_.get_uint("i32")); });
  rejects("is 4000000000, expected 1 to 65536",
          [&] { static_cast<void>(file_.get_uint("u32", 1, 65536)); });
  rejects("is 18446744073709551615", [&] { static_cast<void>(file_.get_int("u64")); });
  rejects("element 0 is 18446744073709551615",
          [&] { static_cast<void>(file_.get_array_of_ints("big")); });
}

TEST(Gguf, OpensARealModelQuickly) {
  const char* path = std::getenv("PIO_TEST_MODEL");
  if (path == nullptr || !std::string_view(path).ends_with(".gguf")) {
    GTEST_SKIP() << "PIO_TEST_MODEL names no .gguf file";
  }
  auto best = std::chrono::steady_clock::duration::max();
  for (int i = 0; i < 5; ++i) {
    const auto start = std::chrono::steady_clock::now();
    const GgufFile file{std::filesystem::path(path)};
    best = std::min(best, std::chrono::steady_clock::now() - start);
    EXPECT_FALSE(file.tensors().empty());
    EXPECT_TRUE(file.get_string("general.architecture"));
    EXPECT_TRUE(file.get_array_of_strings("tokenizer.ggml.tokens"));
  }
  EXPECT_LT(best, std::chrono::milliseconds(20));
}

}  // namespace
}  // namespace pio::formats
