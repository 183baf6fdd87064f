// SPDX-License-Identifier: Apache-2.0
// Weight folders: one file, shards, and the S26 rows.
#include "pio/formats/sharded_index.h"

#include <gtest/gtest.h>

#include "pio/formats/safetensors_test_builder.h"

namespace pio::formats {
namespace {

std::string shard(std::string_view name, std::string_view dtype = "F32") {
  return safetensors("{" + entry(name, dtype, "[1]", "[0,4]") + "}", "abcd");
}

std::string index(std::string_view map) {
  return concat("{\"metadata\":{\"total_size\":8,\"x\":[null,1.5]},\"weight_map\":{", map, "}}");
}

TEST(ShardedIndex, OpensTheSingleFileFirst) {
  const TempFolder folder;
  folder.write("model.safetensors", shard("w"));
  folder.write("model.safetensors.index.json", "not read");
  EXPECT_EQ(open_weights_folder(folder.path())->require("w").shape, std::vector<int64_t>{1});
}

TEST(ShardedIndex, JoinsShards) {
  const TempFolder folder;
  folder.write("1.safetensors", shard("a"));
  folder.write("2.safetensors", shard("b"));
  folder.write("3.safetensors", shard("ids", "I32"));
  folder.write("model.safetensors.index.json",
               index(R"("a":"1.safetensors","b":"2.safetensors","ids":"3.safetensors")"));
  const auto source = open_weights_folder(folder.path());
  EXPECT_EQ(source->tensors().size(), 2u);
  EXPECT_EQ(source->require("b").bytes[0], std::byte{'a'});
  EXPECT_EQ(source->others().at(0).dtype, "I32");
  EXPECT_EQ(source->find("ids"), nullptr);
  EXPECT_TRUE(source->path().ends_with("index.json"));
}

struct Row {
  const char* id;
  const char* message;
  std::string map;
};

std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.id; }

std::string million_shards() {
  std::string out;
  for (int i = 0; i < 1000000; ++i) {
    out += concat(i == 0 ? "" : ",", "\"t", i, "\":\"s", i, "\"");
  }
  return out;
}

const Row kRows[] = {
    {"missing", "shard \"3.safetensors\"", R"("a":"1.safetensors","c":"3.safetensors")"},
    {"parent", "shard \"../1.safetensors\" is not a plain file name", R"("a":"../1.safetensors")"},
    {"dots", "shard \"..\" is not a plain", R"("a":"..")"},
    {"absolute", "shard \"/etc/passwd\" is not a plain", R"("a":"/etc/passwd")"},
    {"sub_folder", "is not a plain", R"("a":"x/1.safetensors")"},
    {"backslash", "is not a plain", R"("a":"..\\1.safetensors")"},
    {"nul", "is not a plain", R"("a":"1.safetensors\u0000x")"},
    {"empty_name", "is not a plain", R"("a":"")"},
    {"number", "expected a shard's file name", R"("a":1)"},
    {"two_shards", "tensor \"a\" is in two shards: \"1.safetensors\" and \"twin.safetensors\"",
     R"("a":"1.safetensors","b":"twin.safetensors")"},
    {"mapped_twice", "duplicate key", R"("a":"1.safetensors","a":"1.safetensors")"},
    {"not_in_shard", "tensor \"b\" is not in its shard \"1.safetensors\"",
     R"("a":"1.safetensors","b":"1.safetensors")"},
    {"broken_shard", "shard \"broken.safetensors\"", R"("a":"broken.safetensors")"},
    {"folder", "shard \"folder.safetensors\"", R"("a":"folder.safetensors")"},
};

class ShardedIndexHostile : public testing::TestWithParam<Row> {};

TEST_P(ShardedIndexHostile, S26IsRefused) {
  const TempFolder folder;
  folder.write("1.safetensors", shard("a"));
  folder.write("twin.safetensors", safetensors("{" + entry("a", "F32", "[1]", "[0,4]") + "," +
                                                   entry("b", "F32", "[1]", "[4,8]") + "}",
                                               "abcdefgh"));
  folder.write("broken.safetensors", "short");
  std::filesystem::create_directory(folder.path() / "folder.safetensors");
  folder.write("model.safetensors.index.json", index(GetParam().map));
  expect_rejected({ErrorCode::kBadFile, GetParam().message, "model.safetensors.index.json", false},
                  [&] { static_cast<void>(open_weights_folder(folder.path())); });
}

INSTANTIATE_TEST_SUITE_P(Rows, ShardedIndexHostile, testing::ValuesIn(kRows),
                         [](const auto& row) { return std::string(row.param.id); });

TEST(ShardedIndex, S26MillionShards) {
  const TempFolder folder;
  const std::string text = index(million_shards());
  folder.write("model.safetensors.index.json", text);
  expect_rejected({ErrorCode::kBadFile, "the limit is 4096", "shard", true, text.size()},
                  [&] { static_cast<void>(open_weights_folder(folder.path())); });
}

// Names of tensors without a kernel are looked up as quickly as the others.
TEST(ShardedIndex, S26ManyOtherTensors) {
  constexpr int kTensors = 50'000;
  std::string header = "{";
  std::string map;
  for (int i = 0; i < kTensors; ++i) {
    const std::string name = concat("tensor.number.", i);
    header += concat(i == 0 ? "" : ",", entry(name, "I32", "[0]", "[0,0]"));
    map += concat("\"", name, "\":\"1.safetensors\",");
  }
  const TempFolder folder;
  folder.write("1.safetensors", safetensors(header + "}", ""));
  folder.write("model.safetensors.index.json", index(map + R"("b":"1.safetensors")"));
  expect_rejected({ErrorCode::kBadFile, "tensor \"b\" is not in its shard", "", false, map.size() * 8},
                  [&] { static_cast<void>(open_weights_folder(folder.path())); });
  folder.write("model.safetensors.index.json", index(map.substr(0, map.size() - 1)));
  const auto source = open_weights_folder(folder.path());
  EXPECT_EQ(source->others().size(), size_t{kTensors});
  EXPECT_TRUE(source->contains("tensor.number.7777"));
  EXPECT_FALSE(source->contains("tensor.number.x"));
  expect_rejected({ErrorCode::kUnsupported, "has type I32", "", false, map.size() * 8}, [&] {
    static_cast<void>(source->require("tensor.number.49999"));
  });
}

TEST(TensorInfo, CountRefusesOverflow) {
  EXPECT_EQ((TensorInfo{"w", quant::QuantType::kF32, {3, 4}, {}}.count()), 12);
  EXPECT_EQ((TensorInfo{"w", quant::QuantType::kF32, {}, {}}.count()), 1);
  const TensorInfo huge{"w", quant::QuantType::kF32, {int64_t{1} << 32, int64_t{1} << 31}, {}};
  expect_rejected({ErrorCode::kBadFile, "too many elements", "", false},
                  [&] { static_cast<void>(huge.count()); });
}

TEST(ShardedIndex, RefusesOtherDocuments) {
  for (const char* text : {"[]", "{}", "1", "{\"weight_map\":[]}", "{\"weight_map\":null}", ""}) {
    SCOPED_TRACE(text);
    const TempFolder folder;
    folder.write("model.safetensors.index.json", text);
    expect_rejected({ErrorCode::kBadFile, "", "model.safetensors.index.json"},
                    [&] { static_cast<void>(open_weights_folder(folder.path())); });
  }
}

TEST(ShardedIndex, P07PickleIsNeverOpened) {
  const TempFolder folder;
  expect_rejected({ErrorCode::kNotFound, "no model.safetensors", "", false},
                  [&] { static_cast<void>(open_weights_folder(folder.path())); });
  folder.write("pytorch_model.bin", "");
  expect_rejected({ErrorCode::kUnsupported, "convert to safetensors", "", false},
                  [&] { static_cast<void>(open_weights_folder(folder.path())); });
}

}  // namespace
}  // namespace pio::formats
