// SPDX-License-Identifier: Apache-2.0
// Safetensors files that must load (S rows marked accept), and the writer.
#include "pio/formats/safetensors.h"

#include <gtest/gtest.h>

#include <iterator>

#include "pio/formats/safetensors_test_builder.h"
#include "pio/formats/safetensors_writer.h"

namespace pio::formats {
namespace {

struct Dtype {
  const char* name;
  int bits;
  bool is_weight;
};

constexpr Dtype kDtypes[] = {
    {"BOOL", 8, false},        {"F4", 4, false},   {"F6_E2M3", 6, false}, {"F6_E3M2", 6, false},
    {"U8", 8, false},          {"I8", 8, false},   {"F8_E5M2", 8, false}, {"F8_E4M3", 8, false},
    {"F8_E8M0", 8, false},     {"I16", 16, false}, {"U16", 16, false},    {"F16", 16, true},
    {"BF16", 16, true},        {"I32", 32, false}, {"U32", 32, false},    {"F32", 32, true},
    {"F8_E4M3FNUZ", 8, false}, {"C64", 64, false}, {"F64", 64, false},    {"I64", 64, false},
    {"F8_E5M2FNUZ", 8, false}, {"U64", 64, false},
};

TEST(Safetensors, ReadsEveryDtype) {
  for (const Dtype& dtype : kDtypes) {
    SCOPED_TRACE(dtype.name);
    const size_t bytes = static_cast<size_t>(dtype.bits) * 8 / 8;
    const std::string text = one(dtype.name, "[2,4]", concat("[0,", bytes, "]"), bytes);
    const SafetensorsFile file(as_bytes(text), "x.safetensors");
    ASSERT_EQ(file.tensors().size(), dtype.is_weight ? 1u : 0u);
    ASSERT_EQ(file.others().size(), dtype.is_weight ? 0u : 1u);
    if (dtype.is_weight) {
      EXPECT_EQ(file.require("a").shape, (std::vector<int64_t>{2, 4}));
      EXPECT_EQ(quant::traits(file.require("a").type).name, dtype.name);
      EXPECT_EQ(file.require("a").bytes.size(), bytes);
    } else {
      EXPECT_EQ(file.others()[0].dtype, dtype.name);
      EXPECT_EQ(file.others()[0].bytes.size(), bytes);
      expect_rejected({ErrorCode::kUnsupported, dtype.name, "x.safetensors", false},
                      [&] { static_cast<void>(file.require("a")); });
    }
  }
}

TEST(Safetensors, GivesTensorsInOrderOfTheirData) {
  const std::string text = two("[8,16]", "[0,8]", 16);
  const SafetensorsFile file(as_bytes(text), "x.safetensors");
  EXPECT_EQ(file.tensors()[0].name, "b");
  EXPECT_EQ(file.require("a").bytes.data(), as_bytes(text).data() + text.size() - 8);
  EXPECT_EQ(file.find("c"), nullptr);
}

TEST(Safetensors, ReadsScalarsAndMetadata) {
  const std::string text = safetensors(
      "{\"__metadata__\":{\"format\":\"pt\"}," + entry("a", "F32", "[]", "[0,4]") + "}", "abcd");
  const SafetensorsFile file(as_bytes(text), "x.safetensors");
  EXPECT_TRUE(file.require("a").shape.empty());
  ASSERT_EQ(file.metadata().size(), 1u);
  EXPECT_EQ(file.metadata()[0].second, "pt");
}

struct Accepted {
  const char* id;
  size_t tensors;  ///< in tensors()
  std::string bytes;
};

std::ostream& operator<<(std::ostream& out, const Accepted& row) { return out << row.id; }

std::vector<Accepted> accepted() {
  const std::string a = entry("a", "F32", "[1]", "[0,4]");
  const std::string empty = entry("e", "F32", "[0,3]", "[0,0]");
  const std::string end = entry("z", "F32", "[3,0]", "[4,4]");
  return {
      {"S06_empty", 0, safetensors("{}")},
      {"S08_leading_spaces", 1, safetensors(" \n {" + a + "}", "abcd")},
      {"S08_trailing_spaces", 1, safetensors("{" + a + "}   ", "abcd")},
      {"S12_zero_size", 3, safetensors("{" + a + "," + empty + "," + end + "}", "abcd")},
      {"S22_metadata_null", 1, safetensors("{\"__metadata__\":null," + a + "}", "abcd")},
      {"S22_extra_field", 1,
       safetensors("{\"a\":{\"x\":[{\"dtype\":[1,\"y\",null]},2.5],\"dtype\":\"F32\",\"y\":true,"
                   "\"shape\":[1],\"data_offsets\":[0,4],\"z\":{\"shape\":null}}}",
                   "abcd")},
      {"S24_bool_7", 0, safetensors("{" + entry("a", "BOOL", "[1]", "[0,1]") + "}", "\7")},
      {"S25_empty_name", 1, safetensors("{" + entry("", "F32", "[1]", "[0,4]") + "}", "abcd")},
      {"S25_odd_name", 1,
       safetensors("{" + entry("/../\\u0000\\n", "F32", "[1]", "[0,4]") + "}", "abcd")},
      {"S20_f4_even", 0, one("F4", "[6]", "[0,3]", 3)},
  };
}

class SafetensorsAccepted : public testing::TestWithParam<Accepted> {};

TEST_P(SafetensorsAccepted, Loads) {
  const SafetensorsFile file(as_bytes(GetParam().bytes), "x.safetensors");
  EXPECT_EQ(file.tensors().size(), GetParam().tensors);
  for (const TensorInfo& tensor : file.tensors()) {
    EXPECT_EQ(file.find(tensor.name), &tensor);
  }
}

INSTANTIATE_TEST_SUITE_P(Rows, SafetensorsAccepted, testing::ValuesIn(accepted()),
                         [](const auto& row) { return std::string(row.param.id); });

std::string read(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(SafetensorsWriter, RoundTrip) {
  const TempFolder folder;
  const auto path = folder.write("x.safetensors", "an older file");
  const std::vector<float> logits{1.5f, -2.0f, 0.25f, 8.0f, 0.0f, 1.0f};
  const std::vector<int64_t> ids{1, 2, 3};
  write_safetensors(path,
                    {{"logits", "F32", {2, 3}, std::as_bytes(std::span(logits))},
                     {"", "F32", {0, 7}, {}},
                     {"odd \"name\"\n", "I64", {3}, std::as_bytes(std::span(ids))}},
                    {{"tool", "test"}});
  const SafetensorsFile file(path);
  const TensorInfo& tensor = file.require("logits");
  EXPECT_EQ(tensor.shape, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(std::memcmp(tensor.bytes.data(), logits.data(), 24), 0);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(tensor.bytes.data()) % 8, 0u);
  EXPECT_EQ(file.others().at(0).name, "odd \"name\"\n");
  EXPECT_EQ(file.metadata().at(0).second, "test");
  // Nothing but the file itself is left.
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(SafetensorsWriter, RefusesWhatDoesNotFit) {
  const TempFolder folder;
  const auto path = folder.write("x.safetensors", "old");
  const std::vector<float> data(4);
  const auto bytes = std::as_bytes(std::span(data));
  const auto rejects = [&](std::string_view message, const std::vector<NewTensor>& tensors) {
    expect_rejected({ErrorCode::kInvalidArgument, message, "", false},
                    [&] { write_safetensors(path, tensors); });
    EXPECT_EQ(read(path), "old");
  };
  rejects("\"a\": got 16 bytes, F32 [3] takes 12", {{"a", "F32", {3}, bytes}});
  rejects("unknown dtype \"f32\"", {{"a", "f32", {4}, bytes}});
  rejects("the name is taken", {{"a", "F32", {4}, bytes}, {"a", "F32", {4}, bytes}});
  rejects("the name is taken", {{"__metadata__", "F32", {4}, bytes}});
  rejects("not UTF-8", {{"\xff", "F32", {4}, bytes}});
  rejects("negative dimension", {{"a", "F32", {-4}, bytes}});
  rejects("overflow", {{"a", "F32", {int64_t{1} << 40, int64_t{1} << 40}, bytes}});
}

TEST(SafetensorsWriter, PieceByPieceIsTheSameFile) {
  const TempFolder folder;
  const std::vector<float> data{1.5f, -2.0f, 0.25f, 8.0f};
  const auto bytes = std::as_bytes(std::span(data));
  const auto whole = folder.path() / "whole";
  const auto pieces = folder.path() / "pieces";
  write_safetensors(whole, {{"a", "F32", {3}, bytes.first(12)}, {"b", "F32", {1}, bytes.last(4)}},
                    {{"tool", "test"}});
  SafetensorsWriter writer(pieces, {{"a", "F32", {3}}, {"b", "F32", {1}}}, {{"tool", "test"}});
  writer.append(bytes.first(5));
  expect_rejected({ErrorCode::kInternal, "11 bytes are missing", "", false},
                  [&] { writer.commit(); });
  expect_rejected({ErrorCode::kInvalidArgument, "got 12 bytes, 11 are left", "", false},
                  [&] { writer.append(bytes.first(12)); });
  writer.append(bytes.subspan(5));
  EXPECT_FALSE(std::filesystem::exists(pieces));
  writer.commit();
  EXPECT_EQ(read(pieces), read(whole));
  { const SafetensorsWriter abandoned(folder.path() / "x", {{"a", "F32", {3}}}); }
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 2);
}

TEST(SafetensorsWriter, LeavesNothingBehindWhenItFails) {
  const TempFolder folder;
  expect_rejected({ErrorCode::kNotFound, "cannot create", "", false},
                  [&] { write_safetensors(folder.path() / "absent" / "x.safetensors", {}); });
  std::filesystem::create_directory(folder.path() / "d");
  expect_rejected({ErrorCode::kInvalidArgument, "not a regular file", "", false},
                  [&] { write_safetensors(folder.path() / "d", {}); });
  expect_rejected({ErrorCode::kInvalidArgument, "not a regular file", "/dev/null", false},
                  [] { write_safetensors("/dev/null", {}); });
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

}  // namespace
}  // namespace pio::formats
