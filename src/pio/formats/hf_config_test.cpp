// SPDX-License-Identifier: Apache-2.0
// The checked getters of config files: M05 rows and what published configs look like.
#include "pio/formats/hf_config.h"

#include <gtest/gtest.h>

#include "pio/formats/hostile_test_support.h"

namespace pio::formats {
namespace {

HfConfig config(std::string_view text) {
  return {json::parse_value(text, "config.json"), "config.json"};
}

TEST(HfConfig, ReadsWhatIsThere) {
  const HfConfig c = config(R"({"hidden_size": 576, "rope_theta": 10000, "rms_norm_eps": 1e-05,
      "tie_word_embeddings": true, "model_type": "llama", "sliding_window": null,
      "eos_token_id": [1, 2], "bos_token_id": 7, "architectures": ["LlamaForCausalLM"],
      "rope_scaling": {"factor": 32.0, "type": "yarn", "deep": {"n": 1}}, "factors": [1, 2.5]})");
  EXPECT_EQ(c.get_int("hidden_size"), 576);
  EXPECT_EQ(c.require_int("hidden_size", 1, 576), 576);
  EXPECT_EQ(c.get_float("rope_theta"), 10000.0);
  EXPECT_EQ(c.require_float("rms_norm_eps", 0.0), 1e-05);
  EXPECT_EQ(c.get_bool("tie_word_embeddings"), true);
  EXPECT_EQ(c.require_string("model_type"), "llama");
  EXPECT_EQ(c.get_ints("eos_token_id"), (std::vector<int64_t>{1, 2}));
  EXPECT_EQ(c.get_ints("bos_token_id"), (std::vector<int64_t>{7}));
  EXPECT_EQ(c.get_strings("architectures"), (std::vector<std::string>{"LlamaForCausalLM"}));
  EXPECT_EQ(c.get_floats("factors"), (std::vector<double>{1.0, 2.5}));
  EXPECT_EQ(c.section("rope_scaling")->get_float("factor"), 32.0);
  EXPECT_EQ(c.section("rope_scaling")->section("deep")->get_int("n"), 1);
  EXPECT_EQ(c.raw().find("model_type")->as_string(), "llama");
}

TEST(HfConfig, AbsentAndNullGiveNothing) {
  const HfConfig c = config(R"({"n": null})");
  for (const char* key : {"n", "absent"}) {
    EXPECT_FALSE(c.has(key));
    EXPECT_FALSE(c.get_int(key) || c.get_float(key) || c.get_bool(key) || c.get_string(key));
    EXPECT_FALSE(c.get_ints(key) || c.get_floats(key) || c.get_strings(key) || c.section(key));
  }
}

struct Row {
  const char* id;
  const char* value;
  const char* message;
};

std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.id; }

constexpr Row kRows[] = {
    {"string", "\"32\"", "is \"32\", expected a whole number from 1 to 4096"},
    {"real", "32.5", "is 32.5, expected"},
    {"whole_real", "32.0", "is 32.0, expected"},
    {"null", "null", "is null, expected"},
    {"negative", "-1", "is -1, expected"},
    {"two_63", "9223372036854775808", "is 9223372036854775808, expected"},
    {"two_70", "1180591620717411303424", "is 1180591620717411303424.0, expected"},
    {"above", "4097", "is 4097, expected"},
    {"list", "[32]", "is an array, expected"},
    {"object", "{}", "is an object, expected"},
    {"flag", "true", "is true, expected"},
};

class HfConfigHostile : public testing::TestWithParam<Row> {};

TEST_P(HfConfigHostile, M05IntegerNamesFileKeyAndValue) {
  const HfConfig c = config(concat("{\"text_config\": {\"layers\": ", GetParam().value, "}}"));
  const auto wanted = [](std::string_view message) {
    return Rejection{ErrorCode::kBadFile, message, "config.json", false};
  };
  const auto section = c.section("text_config");
  expect_rejected(wanted("key \"text_config.layers\""),
                  [&] { static_cast<void>(section->require_int("layers", 1, 4096)); });
  expect_rejected(wanted(GetParam().message),
                  [&] { static_cast<void>(section->require_int("layers", 1, 4096)); });
}

INSTANTIATE_TEST_SUITE_P(Rows, HfConfigHostile, testing::ValuesIn(kRows),
                         [](const auto& row) { return std::string(row.param.id); });

TEST(HfConfig, M05OtherTypesNameFileKeyAndValue) {
  const HfConfig c = config(R"({"s": "x", "i": 1, "l": [1, "x"], "z": 0.0, "m": -3})");
  const auto rejects = [](std::string_view message, const std::function<void()>& get) {
    expect_rejected({ErrorCode::kBadFile, message, "config.json", false}, get);
  };
  rejects("key \"s\" is \"x\", expected a number", [&] { static_cast<void>(c.get_float("s")); });
  rejects("key \"s\"", [&] { static_cast<void>(c.get_bool("s")); });
  rejects("key \"i\" is 1, expected true or false", [&] { static_cast<void>(c.get_bool("i")); });
  rejects("key \"i\" is 1, expected a string", [&] { static_cast<void>(c.get_string("i")); });
  rejects("key \"i\"", [&] { static_cast<void>(c.get_strings("i")); });
  rejects("key \"i\"", [&] { static_cast<void>(c.get_floats("i")); });
  rejects("key \"i\"", [&] { static_cast<void>(c.section("i")); });
  rejects("key \"l\"", [&] { static_cast<void>(c.get_ints("l")); });
  rejects("key \"l\"", [&] { static_cast<void>(c.get_floats("l")); });
  rejects("it holds 1", [&] { static_cast<void>(c.get_strings("l")); });
  rejects("key \"z\" is 0.0, expected a number from 1",
          [&] { static_cast<void>(c.get_float("z", 1)); });
  rejects("key \"m\" is -3", [&] { static_cast<void>(c.get_ints("m", 0)); });
  rejects("key \"absent\" is missing", [&] { static_cast<void>(c.require_int("absent")); });
  rejects("key \"absent\" is missing", [&] { static_cast<void>(c.require_float("absent")); });
  rejects("key \"absent\" is missing", [&] { static_cast<void>(c.require_string("absent")); });
  rejects("expected an object", [] { static_cast<void>(config("[]")); });
}

TEST(HfConfig, ReadsTheFilesOfAFolder) {
  const TempFolder folder;
  expect_rejected({ErrorCode::kNotFound, "", "config.json", false},
                  [&] { static_cast<void>(HfConfig(folder.path())); });
  folder.write("config.json", R"({"model_type": "llama"})");
  EXPECT_FALSE(HfConfig(folder.path()).generation() || HfConfig(folder.path()).tokenizer());
  folder.write("generation_config.json", R"({"temperature": 0.7})");
  // Longer than the DOM's limit, as Gemma's is, by its list of added tokens.
  folder.write("tokenizer_config.json",
               R"({"a": [1, {"b": "\n\"é"}], "added_tokens_decoder": {"0": {"content": ")" +
                   std::string(json::kMaxDomBytes, 'x') + R"("}}, "c": -0.5, "bos_token": "<s>"})");
  const HfConfig c(folder.path());
  EXPECT_EQ(c.generation()->get_float("temperature"), 0.7);
  EXPECT_EQ(c.tokenizer()->raw().dump(),
            R"({"a": [1, {"b": "\n\"é"}], "c": -0.5, "bos_token": "<s>"})");
}

TEST(HfConfig, BrokenFilesNameFileAndByte) {
  for (const char* name : {"config.json", "generation_config.json", "tokenizer_config.json"}) {
    for (const char* text : {"", "{", "{\"a\":1,\"a\":1}", "[]", "{\"a\":\"\xff\"}", "{} x"}) {
      SCOPED_TRACE(concat(name, " ", text));
      const TempFolder folder;
      folder.write("config.json", "{}");
      folder.write(name, text);
      expect_rejected({ErrorCode::kBadFile, "byte", name},
                      [&] { static_cast<void>(HfConfig(folder.path())); });
    }
  }
}

}  // namespace
}  // namespace pio::formats
