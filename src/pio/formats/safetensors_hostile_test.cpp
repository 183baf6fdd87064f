// SPDX-License-Identifier: Apache-2.0
// Safetensors files that must be refused: the S rows of hostile_inputs.md. The verdicts agree with
// the safetensors 0.8.0 package except where a row says so.
#include <gtest/gtest.h>

#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "pio/base/mmap_file.h"
#include "pio/formats/safetensors.h"
#include "pio/formats/safetensors_test_builder.h"

namespace pio::formats {
namespace {

constexpr const char* kName = "x.safetensors";

struct Row {
  const char* id;
  const char* message;
  std::function<std::string()> bytes;
};

std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.id; }

std::string repeated(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) {
    out += text;
  }
  return out;
}

std::string with_metadata(const std::string& value) {
  return safetensors("{\"__metadata__\":" + value + "}");
}
std::string with_shape(const std::string& shape) { return one("F32", shape, "[0,16]", 16); }
std::string with_offsets(const std::string& offsets) { return one("F32", "[4]", offsets, 16); }
std::string header(const std::string& text) { return safetensors(text, std::string(16, '\0')); }

const Row kRows[] = {
    {"S01_empty", "header too small", [] { return std::string(); }},
    {"S01_7_bytes", "header too small", [] { return std::string(7, '\1'); }},
    {"S02_zero", "header too small", [] { return claiming(0, "{}"); }},
    {"S03_2_63", "header too large", [] { return claiming(uint64_t{1} << 63, "{}"); }},
    {"S03_2_64", "header too large", [] { return claiming(UINT64_MAX, "{}"); }},
    {"S04", "header too large", [] { return claiming(100'000'001, "{}"); }},
    {"S05_beyond_file", "header takes 100000000 bytes, 2 are left",
     [] { return claiming(100'000'000, "{}"); }},
    {"S07_not_utf8", "invalid JSON", [] { return header("{\"a\xff\":1}"); }},
    {"S07_array", "expected an object", [] { return header("[]"); }},
    {"S07_number", "expected an object", [] { return header("1"); }},
    {"S07_string", "expected an object", [] { return header("\"a\""); }},
    {"S07_trailing_nul", "NUL", [] { return safetensors(std::string_view("{}\0", 3)); }},
    {"S07_bom", "byte order mark", [] { return safetensors("\xef\xbb\xbf{}"); }},
    {"S07_two_documents", "invalid JSON", [] { return safetensors("{}{}"); }},
    // The reference accepts the first; the format's README forbids it.
    {"S09", "duplicate key \"a\"",
     [] {
       const std::string a = entry("a", "F32", "[4]", "[0,16]");
       return header("{" + a + "," + a + "}");
     }},
    {"S09_escaped", "duplicate key \"a\"",
     [] {
       return header("{" + entry("a", "F32", "[4]", "[0,16]") + "," +
                     entry("\\u0061", "F32", "[4]", "[0,16]") + "}");
     }},
    {"S10", "duplicate key \"a\"",
     [] {
       return header("{" + entry("a", "F32", "[2]", "[0,8]") + "," +
                     entry("a", "F32", "[2]", "[8,16]") + "}");
     }},
    {"S10_field", "duplicate key \"dtype\"",
     [] {
       return header(R"({"a":{"dtype":"F32","dtype":"F16","shape":[4],"data_offsets":[0,16]}})");
     }},
    {"S11_overlap", "\"b\": its data begin at offset 4, expected 8: overlap",
     [] { return two("[0,8]", "[4,12]", 16); }},
    {"S11_same_place", "overlap", [] { return two("[0,8]", "[0,8]", 8); }},
    {"S11_hole", "\"b\": its data begin at offset 12, expected 8: hole",
     [] { return two("[0,8]", "[12,20]", 20); }},
    {"S11_first_not_0", "\"a\": its data begin at offset 4",
     [] { return one("F32", "[1]", "[4,8]", 8); }},
    {"S11_trailing", "4 bytes that belong to no tensor",
     [] { return one("F32", "[1]", "[0,4]", 8); }},
    {"S11_trailing_empty", "1 bytes that belong to no tensor",
     [] { return safetensors("{}", "x"); }},
    {"S11_missing", "\"a\": its data end at offset 16, the file has 12",
     [] { return one("F32", "[4]", "[0,16]", 12); }},
    {"S11_not_shape_times_dtype", "takes 16 bytes", [] { return one("F32", "[4]", "[0,12]", 12); }},
    {"S12_zero_size_inside", "overlap",
     [] {
       return header("{" + entry("a", "F32", "[4]", "[0,16]") + "," +
                     entry("b", "F32", "[0]", "[8,8]") + "}");
     }},
    {"S13_reversed", "data_offsets [16, 0]", [] { return with_offsets("[16,0]"); }},
    {"S13_negative", "data_offsets holds -1", [] { return with_offsets("[-1,15]"); }},
    {"S13_float", "data_offsets holds 16", [] { return with_offsets("[0,16.0]"); }},
    {"S13_three", "two numbers", [] { return with_offsets("[0,8,16]"); }},
    {"S13_one", "two numbers", [] { return with_offsets("[0]"); }},
    {"S13_string", "data_offsets holds a string", [] { return with_offsets("[0,\"16\"]"); }},
    {"S13_not_a_list", "data_offsets holds a number", [] { return with_offsets("16"); }},
    {"S13_2_64", "data_offsets", [] { return with_offsets("[0,18446744073709551615]"); }},
    {"S13_2_65", "data_offsets", [] { return with_offsets("[0,36893488147419103232]"); }},
    {"S14", "overflow", [] { return with_shape("[8589934592,8589934592,8589934592]"); }},
    {"S15", "overflow", [] { return with_shape("[4194305,4194305,211106198978564]"); }},
    {"S16_negative", "shape holds -1", [] { return with_shape("[-1]"); }},
    {"S16_1e400", "number", [] { return with_shape("[1e400]"); }},
    {"S16_float", "shape holds 4", [] { return with_shape("[4.0]"); }},
    {"S16_nested", "shape holds an array", [] { return with_shape("[[4]]"); }},
    {"S16_null", "shape holds null", [] { return with_shape("null"); }},
    {"S17", "overflow", [] { return with_shape("[0,4611686018427387904,4611686018427387904]"); }},
    {"S17_2_63", "overflow", [] { return with_shape("[0,9223372036854775808]"); }},
    {"S18", "more than 8 dimensions",
     [] { return with_shape("[1" + repeated(",1", 99999) + "]"); }},
    {"S19_unknown", "unknown dtype \"Q4_K\", known are BOOL",
     [] { return one("Q4_K", "[4]", "[0,4]", 4); }},
    {"S19_lower_case", "unknown dtype \"f32\"", [] { return one("f32", "[1]", "[0,4]", 4); }},
    {"S19_number", "dtype holds a number",
     [] { return header(R"({"a":{"dtype":1,"shape":[4],"data_offsets":[0,16]}})"); }},
    {"S20", "misaligned", [] { return one("F4", "[3]", "[0,2]", 2); }},
    {"S20_f6", "misaligned", [] { return one("F6_E2M3", "[2]", "[0,2]", 2); }},
    {"S21_number", "__metadata__ holds a number for \"a\"",
     [] { return with_metadata("{\"a\":1}"); }},
    {"S21_map", "__metadata__ holds an object", [] { return with_metadata("{\"a\":{}}"); }},
    {"S21_list", "__metadata__ holds an array", [] { return with_metadata("{\"a\":[]}"); }},
    {"S21_null", "__metadata__ holds null", [] { return with_metadata("{\"a\":null}"); }},
    {"S21_is_list", "__metadata__ holds an array", [] { return with_metadata("[]"); }},
    {"S21_is_text", "__metadata__ holds a string", [] { return with_metadata("\"a\""); }},
    {"S22_missing_field", "one is missing",
     [] { return header(R"({"a":{"dtype":"F32","data_offsets":[0,16],"x":{"shape":[4]}}})"); }},
    {"S22_entry_null", "\"a\": is null", [] { return header(R"({"a":null})"); }},
    // The reference takes a list for an entry by accident of its JSON library.
    {"S22_entry_list", "\"a\": is an array", [] { return header(R"({"a":["F32",[4],[0,16]]})"); }},
    {"S23_header", "is an array", [] { return header(repeated("[", 100000)); }},
    {"S23_extra_field", "depth", [] { return header("{\"a\":{\"x\":" + repeated("[", 100000)); }},
    {"S23_objects", "depth", [] { return header(repeated("{\"a\":", 100000)); }},
};

class SafetensorsHostile : public testing::TestWithParam<Row> {};

TEST_P(SafetensorsHostile, IsRefused) {
  const std::string bytes = GetParam().bytes();
  expect_rejected({ErrorCode::kBadFile, GetParam().message, kName, true, bytes.size()},
                  [&] { static_cast<void>(SafetensorsFile(as_bytes(bytes), kName)); });
  // A good file straight afterwards still loads.
  const std::string good = one("F32", "[1]", "[0,4]", 4);
  EXPECT_EQ(SafetensorsFile(as_bytes(good), kName).tensors().size(), 1u);
}

INSTANTIATE_TEST_SUITE_P(Rows, SafetensorsHostile, testing::ValuesIn(kRows),
                         [](const auto& row) { return std::string(row.param.id); });

TEST(SafetensorsHostileFile, S05CutAtEveryByte) {
  const std::string bytes =
      safetensors("{\"__metadata__\":{\"format\":\"pt\"}," + entry("a", "F32", "[2,3]", "[0,24]") +
                      "," + entry("b", "BF16", "[5]", "[24,34]") + "}",
                  std::string(34, 'd'));
  ASSERT_EQ(SafetensorsFile(as_bytes(bytes), kName).tensors().size(), 2u);
  for (size_t size = 0; size < bytes.size(); ++size) {
    SCOPED_TRACE(size);
    // Its own block of memory, so that the sanitizer sees a read behind the cut.
    const std::vector<char> cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    expect_rejected({ErrorCode::kBadFile, "", kName}, [&] {
      static_cast<void>(SafetensorsFile(std::as_bytes(std::span(cut)), kName));
    });
  }
}

TEST(SafetensorsHostileFile, S25NamesAreEscapedInMessages) {
  const std::string bytes =
      safetensors("{" + entry("a\\n\\u001b[31m", "F32", "[2]", "[0,4]") + "}", "abcd");
  expect_rejected({ErrorCode::kBadFile, "\"a\\n\\x1b[31m\"", kName},
                  [&] { static_cast<void>(SafetensorsFile(as_bytes(bytes), kName)); });
}

void exit_if_mapped(int /*signal*/, siginfo_t* info, void* /*context*/) {
  ::_exit(MmapFile::is_mapped(info->si_addr) ? 3 : 4);
}

// A program can tell such a SIGBUS from others: is_mapped() knows the address.
TEST(SafetensorsDeathTest, S27TruncatedWhileMapped) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const TempFolder folder;
  const auto path = folder.write(kName, one("F32", "[65536]", "[0,262144]", 262144));
  const auto read_after_truncation = [&] {
    struct sigaction action {};
    action.sa_sigaction = exit_if_mapped;
    action.sa_flags = SA_SIGINFO;
    ::sigaction(SIGBUS, &action, nullptr);
    const SafetensorsFile file(path);
    std::filesystem::resize_file(path, 100);
    int sum = 0;
    for (const std::byte value : file.require("a").bytes) {
      sum += std::to_integer<int>(value);
    }
    std::exit(sum == 0 ? 0 : 1);
  };
  EXPECT_EXIT(read_after_truncation(), testing::ExitedWithCode(3), "");
}

}  // namespace
}  // namespace pio::formats
