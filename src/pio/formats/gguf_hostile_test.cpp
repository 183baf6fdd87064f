// SPDX-License-Identifier: Apache-2.0
// GGUF files that must be refused: the G rows of hostile_inputs.md.
#include <gtest/gtest.h>

#include "pio/formats/gguf.h"
#include "pio/formats/gguf_test_builder.h"

namespace pio::formats {
namespace {

using enum GgufType;

constexpr uint32_t kTypeF32 = 0;
constexpr uint32_t kTypeQ4_0 = 2;
constexpr uint64_t kTwo63 = uint64_t{1} << 63;

GgufBuilder with_key(GgufType type, std::string_view value) {
  return GgufBuilder().key("k", type, value);
}
GgufBuilder with_tensor(const std::vector<uint64_t>& dims, uint32_t type, size_t size = 0,
                        std::optional<uint64_t> offset = {}) {
  return GgufBuilder().tensor("bad", dims, type, size, offset);
}
GgufBuilder with_alignment(GgufType type, std::string_view value) {
  return GgufBuilder().key("general.alignment", type, value).tensor("w", {8}, kTypeF32, 32);
}
GgufBuilder with_version(uint32_t version) {
  GgufBuilder out;
  out.version = version;
  return out;
}
GgufBuilder with_counts(std::optional<uint64_t> tensors, std::optional<uint64_t> keys) {
  GgufBuilder out;
  out.n_tensors = tensors;
  out.n_keys = keys;
  return out;
}

std::string key_of_length(uint64_t length) {
  GgufBuilder out;
  out.keys = raw(length) + std::string(100, 'k');
  out.key_count = 1;
  return out.build();
}

std::string nested_arrays(int depth) {
  std::string value;
  for (int i = 0; i < depth; ++i) {
    value += raw(static_cast<uint32_t>(kArray)) + raw(uint64_t{1});
  }
  return with_key(kArray, value + gguf_array(static_cast<uint32_t>(kU8), 1, "x")).build();
}

std::string million_tensors() {
  GgufBuilder out;
  for (uint64_t i = 0; i < 1000000; ++i) {
    out.tensors += gguf_string(std::to_string(i)) + raw(uint32_t{1}) + raw(uint64_t{64}) +
                   raw(kTypeF32) + raw(i * 256);
  }
  out.tensor_count = 1000000;
  return out.build();
}

struct Row {
  const char* id;
  const char* message;
  std::function<std::string()> bytes;
};

std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.id; }

std::string bytes_of(const GgufBuilder& builder) { return builder.build(); }

const Row kRows[] = {
    {"G01_empty", "truncated", [] { return std::string(); }},
    {"G01_magic_only", "truncated", [] { return std::string("GGUF"); }},
    {"G01_magic_and_version", "truncated", [] { return std::string("GGUF\3\0\0\0", 8); }},
    {"G02_magic", "not a GGUF file", [] { return std::string("GGML") + std::string(60, '\0'); }},
    {"G02_version_0", "version 0", [] { return bytes_of(with_version(0)); }},
    {"G02_version_1", "version 1", [] { return bytes_of(with_version(1)); }},
    {"G02_version_4", "version 4", [] { return bytes_of(with_version(4)); }},
    {"G02_big_endian", "big-endian file", [] { return bytes_of(with_version(3u << 24)); }},
    {"G04_2_63", "tensors", [] { return bytes_of(with_counts(kTwo63, {})); }},
    {"G04_2_64", "tensors", [] { return bytes_of(with_counts(UINT64_MAX, {})); }},
    {"G04_million", "truncated", [] { return bytes_of(with_counts(1000000, {})); }},
    {"G05_2_63", "keys", [] { return bytes_of(with_counts({}, kTwo63)); }},
    {"G05_10_9", "keys", [] { return bytes_of(with_counts({}, 1000000000)); }},
    {"G05_65536", "truncated", [] { return bytes_of(with_counts({}, 65536)); }},
    {"G06_2_63", "key of 9223372036854775808 bytes", [] { return key_of_length(kTwo63); }},
    {"G06_2_40", "key of", [] { return key_of_length(uint64_t{1} << 40); }},
    {"G06_beyond_end", "truncated", [] { return key_of_length(5000); }},
    {"G07_empty", "key of 0 bytes", [] { return GgufBuilder().key_u32("", 1).build(); }},
    {"G07_not_utf8", "not UTF-8", [] { return GgufBuilder().key_u32("a\xff", 1).build(); }},
    {"G07_nul", "not UTF-8",
     [] { return GgufBuilder().key_u32(std::string_view("a\0b", 3), 1).build(); }},
    {"G07_65536", "key of 65536 bytes",
     [] { return GgufBuilder().key_u32(std::string(65536, 'k'), 1).build(); }},
    {"G08_13", "unknown value type 13", [] { return GgufBuilder().key("k", 13, "abcd").build(); }},
    {"G08_2_32", "unknown value type 4294967295",
     [] { return GgufBuilder().key("k", UINT32_MAX, "abcd").build(); }},
    {"G08_element", "unknown value type 13",
     [] { return with_key(kArray, gguf_array(13, 1, "abcdefgh")).build(); }},
    {"G09", "duplicate key \"k\"",
     [] { return GgufBuilder().key_u32("k", 1).key_u32("k", 1).build(); }},
    {"G10", "string value of key \"k\" takes 9223372036854775808 bytes",
     [] { return with_key(kString, raw(kTwo63) + "abc").build(); }},
    {"G11", "exceeds the file",
     [] { return with_key(kArray, gguf_array(static_cast<uint32_t>(kU32), kTwo63 / 2)).build(); }},
    {"G12", "exceeds the file",
     [] {
       return with_key(kArray, gguf_array(static_cast<uint32_t>(kString), 1000000000)).build();
     }},
    {"G12_string_beyond_end", "truncated",
     [] {
       const std::string payload = gguf_string("a") + raw(uint64_t{9999}) + "b";
       return with_key(kArray, gguf_array(static_cast<uint32_t>(kString), 2, payload)).build();
     }},
    {"G13_depth_1", "nested arrays unsupported", [] { return nested_arrays(1); }},
    {"G13_depth_50000", "nested arrays unsupported", [] { return nested_arrays(50000); }},
    {"G14", "a bool is 2", [] { return with_key(kBool, "\2").build(); }},
    {"G14_array", "a bool is 2",
     [] {
       return with_key(kArray, gguf_array(static_cast<uint32_t>(kBool), 3, "\1\1\2")).build();
     }},
    {"G15_0", "0 dimensions", [] { return with_tensor({}, kTypeF32, 4).build(); }},
    {"G15_5", "5 dimensions",
     [] {
       return with_tensor({1, 1, 1, 1, 1}, kTypeF32, 4).build();
     }},
    {"G15_2_32", "4294967295 dimensions",
     [] {
       GgufBuilder out;
       out.tensors = gguf_string("bad") + raw(UINT32_MAX) + std::string(100, '\1');
       out.tensor_count = 1;
       return out.build();
     }},
    {"G16_0", "dimension 1 is 0",
     [] {
       return with_tensor({8, 0}, kTypeF32).build();
     }},
    {"G16_minus_1", "dimension 0 is 18446744073709551615",
     [] { return with_tensor({UINT64_MAX}, kTypeF32).build(); }},
    {"G17_255", "unknown type 255", [] { return with_tensor({8}, 255, 32).build(); }},
    {"G17_2_32", "unknown type 4294967295",
     [] { return with_tensor({8}, UINT32_MAX, 32).build(); }},
    {"G17_removed_4", "removed type Q4_2", [] { return with_tensor({32}, 4, 32).build(); }},
    {"G17_removed_31", "removed type", [] { return with_tensor({32}, 31, 32).build(); }},
    {"G18", "not a multiple of 32", [] { return with_tensor({33}, kTypeQ4_0, 36).build(); }},
    {"G18_row_not_sum", "not a multiple of 32",
     [] {
       return with_tensor({16, 2}, kTypeQ4_0, 18).build();
     }},
    {"G19_unaligned", "offset 4, expected 0",
     [] { return with_tensor({8}, kTypeF32, 64, 4).build(); }},
    {"G19_overlap", "offset 0, expected 32",
     [] {
       return GgufBuilder()
           .tensor("a", {8}, kTypeF32, 32)
           .tensor("bad", {8}, kTypeF32, 32, 0)
           .build();
     }},
    {"G19_gap", "offset 64, expected 32",
     [] {
       return GgufBuilder().tensor("a", {8}, kTypeF32, 64).tensor("bad", {8}, kTypeF32, 32).build();
     }},
    {"G20", "duplicate tensor name \"a\"",
     [] {
       return GgufBuilder().tensor("a", {8}, kTypeF32, 32).tensor("a", {8}, kTypeF32, 32).build();
     }},
    {"G20_other_type", "duplicate tensor name \"a\"",
     [] { return GgufBuilder().tensor("a", {8}, kTypeF32, 32).tensor("a", {4}, 27, 32).build(); }},
    {"G20_others", "duplicate tensor name \"a\"",
     [] { return GgufBuilder().tensor("a", {4}, 27, 32).tensor("a", {4}, 27, 32).build(); }},
    {"G21", "overflow",
     [] {
       return with_tensor({4194305, 4194305, 211106198978564}, kTypeF32, 16).build();
     }},
    {"G21_bytes", "overflow", [] { return with_tensor({kTwo63 - 1}, kTypeF32, 16).build(); }},
    {"G22", "needs 18446744073709551584 bytes",  // 2^64 - 32: padded, the sum would wrap to 0
     [] { return with_tensor({(kTwo63 - 16) / 4}, 28 /* F64 */, 16).build(); }},
    {"G23", "needs", [] { return million_tensors(); }},
    {"G24_0", "is 0, expected a power of two",
     [] { return with_alignment(kU32, raw(0u)).build(); }},
    {"G24_3", "is 3, expected a power of two",
     [] { return with_alignment(kU32, raw(3u)).build(); }},
    {"G24_4", "is 4, expected a power of two",
     [] { return with_alignment(kU32, raw(4u)).build(); }},
    {"G25", "is 2147483648, expected", [] { return with_alignment(kU32, raw(1u << 31)).build(); }},
    {"G26_i64", "wrong type", [] { return with_alignment(kI64, raw(int64_t{32})).build(); }},
    {"G26_string", "wrong type", [] { return with_alignment(kString, gguf_string("32")).build(); }},
    {"G28_past_end", "offset 4096, expected 0",
     [] { return with_tensor({8}, kTypeF32, 32, 4096).build(); }},
    {"G28_2_64", "offset 18446744073709551584, expected 0",
     [] { return with_tensor({8}, kTypeF32, 32, UINT64_MAX - 31).build(); }},
    {"G29", "its data end at byte", [] { return with_tensor({1000}, kTypeF32, 3996).build(); }},
    {"G29_far", "needs 4000000 bytes", [] { return with_tensor({1000000}, kTypeF32, 32).build(); }},
    {"G33_name_0", "tensor name of 0 bytes",
     [] { return GgufBuilder().tensor("", {8}, 0, 32).build(); }},
    {"G33_name_256", "tensor name of 256 bytes",
     [] { return GgufBuilder().tensor(std::string(256, 'n'), {8}, 0, 32).build(); }},
    {"G33_name_1MiB", "tensor name of 1048576 bytes",
     [] { return GgufBuilder().tensor(std::string(1 << 20, 'n'), {8}, 0, 32).build(); }},
};

class GgufHostile : public testing::TestWithParam<Row> {};

TEST_P(GgufHostile, IsRefused) {
  const std::string bytes = GetParam().bytes();
  expect_rejected({ErrorCode::kBadFile, GetParam().message, "x.gguf", true, bytes.size()},
                  [&] { static_cast<void>(GgufFile(as_bytes(bytes), "x.gguf")); });
  // A good file straight afterwards still loads.
  const std::string good = GgufBuilder().tensor("w", {8}, kTypeF32, 32).build();
  EXPECT_EQ(GgufFile(as_bytes(good), "x.gguf").tensors().size(), 1u);
}

INSTANTIATE_TEST_SUITE_P(Rows, GgufHostile, testing::ValuesIn(kRows),
                         [](const auto& row) { return std::string(row.param.id); });

TEST(GgufHostileFile, G03CutAtEveryByte) {
  GgufBuilder builder;
  builder.key_string("general.architecture", "llama").key_u32("llama.block_count", 2);
  builder.key(
      "tokens", kArray,
      gguf_array(static_cast<uint32_t>(kString), 2, gguf_string("first") + gguf_string("second")));
  builder.tensor("norm", {8}, kTypeF32, 32).tensor("w", {32, 16}, kTypeQ4_0, 288);
  builder.tensor("v", {32, 16}, kTypeQ4_0, 288);
  const std::string bytes = builder.build();
  ASSERT_GT(bytes.size(), 800u);
  ASSERT_EQ(GgufFile(as_bytes(bytes), "x.gguf").tensors().size(), 3u);
  for (size_t size = 0; size < bytes.size(); ++size) {
    SCOPED_TRACE(size);
    // Its own block of memory, so that the sanitizer sees a read behind the cut.
    const std::vector<char> cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    expect_rejected({ErrorCode::kBadFile, "", "x.gguf"},
                    [&] { static_cast<void>(GgufFile(std::as_bytes(std::span(cut)), "x.gguf")); });
  }
}

TEST(GgufHostileFile, NamesInMessagesAreEscaped) {
  const std::string bytes = GgufBuilder().tensor("a\nb\x1b[31m", {8}, 255, 32).build();
  expect_rejected({ErrorCode::kBadFile, "a\\nb\\x1b[31m", "x\\n.gguf"},
                  [&] { static_cast<void>(GgufFile(as_bytes(bytes), "x\n.gguf")); });
}

}  // namespace
}  // namespace pio::formats
