// SPDX-License-Identifier: Apache-2.0
// The parts of new-model: names, fields, literals, templates, the tiny config.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apps/scaffold/config_fields.h"
#include "apps/scaffold/cpp_fields.h"
#include "apps/scaffold/model_name.h"
#include "apps/scaffold/python_fields.h"
#include "apps/scaffold/source_config.h"
#include "apps/scaffold/templates.h"
#include "apps/scaffold/tiny_config.h"
#include "pio/base/error.h"
#include "pio/formats/hostile_test_support.h"
#include "pio/plugin/decoder_config.h"

namespace pio::apps {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

json::Object object(const char* text) { return json::parse_value(text, "config.json").as_object(); }

std::vector<std::string> names(const std::vector<ConfigField>& fields) {
  std::vector<std::string> out;
  for (const ConfigField& field : fields) {
    out.push_back(field.name);
  }
  return out;
}

TEST(ModelName, IsALowerCaseIdentifier) {
  for (const char* good : {"a", "my_model", "qwen3", "a_", "a__b", "model2", "integer"}) {
    EXPECT_EQ(why_not_a_model_name(good), "") << good;
  }
  for (const char* bad :
       {"", "A", "1a", "_a", "a-b", "a b", "a.b", "../a", "a/b", "\xc3\xa4", "a\n", "aB"}) {
    EXPECT_THAT(why_not_a_model_name(bad), HasSubstr("expected a lower-case letter")) << bad;
  }
  EXPECT_EQ(why_not_a_model_name(std::string(64, 'a')), "");
  EXPECT_NE(why_not_a_model_name(std::string(65, 'a')), "");
  for (const char* word : {"class", "def", "lambda", "namespace", "co_await", "errno", "yield"}) {
    EXPECT_THAT(why_not_a_model_name(word), HasSubstr("is a word of C++ or Python")) << word;
  }
  for (const char* ours : {"pio", "std", "plugin", "nn", "ops", "formats", "json_", "text"}) {
    EXPECT_EQ(why_not_a_model_name(ours).empty(), std::string_view(ours) == "json_") << ours;
  }
}

TEST(ModelName, ClassNames) {
  EXPECT_EQ(class_name("my_model"), "MyModel");
  EXPECT_EQ(class_name("qwen3_moe_"), "Qwen3Moe");
  EXPECT_EQ(class_name("a_1b"), "A1b");
  EXPECT_EQ(model_class_name("my_model"), "MyModel");
  EXPECT_EQ(model_class_name("mine"), "MineModel");
}

TEST(ConfigFields, DecoderFieldsAreThoseOfTheClass) {
  const json::Object base = plugin::BaseConfig().to_json();
  std::vector<std::string> wanted;
  for (const auto& [name, value] : plugin::DecoderConfig().to_json()) {
    if (json::Value(base).find(name) == nullptr) {
      wanted.push_back(name);
    }
  }
  wanted.emplace_back("rope_theta");
  std::vector<std::string> listed;
  for (const KnownField& field : decoder_fields()) {
    listed.emplace_back(field.name);
  }
  EXPECT_EQ(listed, wanted);
}

TEST(ConfigFields, SaysWhichActivationTheDecoderLacks) {
  EXPECT_EQ(config_fields(object(R"({"hidden_act": "silu"})")).activation, "");
  EXPECT_EQ(config_fields(object(R"({"hidden_act": null})")).activation, "");
  EXPECT_EQ(config_fields(object(R"({"hidden_act": "gelu"})")).activation, "\"gelu\"");
  EXPECT_EQ(config_fields(object(R"({"hidden_act": 7})")).activation, "7");
}

TEST(ConfigFields, SortsKnownAndOtherKeys) {
  const ConfigFields fields = config_fields(object(
      R"({"architectures": ["X"], "n_embd": 32, "num_hidden_layers": 2, "rope_theta": 10000, "eos_token_id": [7, 8],
          "rope_scaling": {"type": "linear", "factor": 2}, "head_dim": null, "hidden_act": "silu",
          "dropout": 0.0, "kinds": ["a", 1, null], "use_cache": true, "note": "x", "num_experts": 4,
          "nested": {"a": 1}, "str": "x", "matrix": [[1]], "class": 1, "Upper": 2, "_private": 3, "rms_norm_eps": "small"})"));
  EXPECT_THAT(names(fields.base), ElementsAre("eos_token_id"));
  EXPECT_EQ(fields.base[0].value.as_integer(), 7);
  EXPECT_THAT(names(fields.decoder), ElementsAre("hidden_size", "num_layers", "rope_theta"));
  EXPECT_THAT(names(fields.rope), ElementsAre("rope_scaling"));
  EXPECT_THAT(names(fields.unused),
              ElementsAre("dropout", "kinds", "use_cache", "note", "num_experts"));
  EXPECT_THAT(fields.left_out,
              ElementsAre("rms_norm_eps", "nested", "str", "matrix", "class", "Upper", "_private"));
}

TEST(CppFields, Literals) {
  ConfigFields fields = config_fields(object(
      R"({"least": -9223372036854775808, "tiny": 1e-20, "half": 0.5, "big": 18446744073709551615, "none": [],
          "text": "", "quoted": "a\"\\\n?\u00e41", "kinds": ["a", 1, 0.5, true, null]})"));
  EXPECT_EQ(cpp_members(fields),
            "  int64_t least = INT64_MIN;                    // not used yet\n"
            "  double tiny = 1e-20;                          // not used yet\n"
            "  double half = 0.5;                            // not used yet\n"
            "  double big = 1.8446744073709552e+19;          // not used yet\n"
            "  json::Array none = {};                        // not used yet\n"
            "  std::string quoted = \"a\\\"\\\\\\012\\?\\303\\2441\";  // not used yet\n"
            "  json::Array kinds = {\"a\", 1, 0.5, true, nullptr};  // not used yet\n");
  EXPECT_THAT(cpp_visits(fields), HasSubstr("    v.visit(\"least\", least, INT64_MIN, INT64_MAX);\n"
                                            "    v.visit_any(\"tiny\", tiny);\n"));
  fields =
      config_fields(object(R"({"rope_theta": 500000, "rms_norm_eps": 9.999999747378752e-06})"));
  EXPECT_EQ(cpp_defaults(fields), "    rms_norm_eps = 1e-05;\n    rope.theta = 500000.0;\n");
}

TEST(PythonFields, Literals) {
  const ConfigFields fields = config_fields(object(
      R"({"hidden_size": 64, "rope_scaling": {"type": "linear", "factor": 2, "on": true, "off": null},
          "quoted": "a\"\\\n\u00e4", "kinds": ["a", 1, 0.5, true, null], "rms_norm_eps": 9.999999747378752e-06})"));
  EXPECT_EQ(python_imports(fields), "dataclass, field");
  const std::string text = python_fields(fields, "mine");
  for (const char* line :
       {"    model_name: str = \"mine\"\n", "    hidden_size: int = 64\n",
        "    num_layers: int = 32\n", "    head_dim: int | None = None\n",
        "    rms_norm_eps: float = 1e-05\n",
        "    rope_scaling: dict[str, Any] | None = field(default_factory=lambda: "
        "{\"type\": \"linear\", \"factor\": 2, \"on\": True, \"off\": None})\n",
        "    rope_parameters: dict[str, Any] | None = None\n",
        "    tie_word_embeddings: bool = False\n",
        "    quoted: str = \"a\\\"\\\\\\n\xc3\xa4\"  # not used yet\n",
        "    kinds: list[Any] = field(default_factory=lambda: [\"a\", 1, 0.5, True, None])  # not "
        "used "
        "yet\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
  EXPECT_EQ(python_imports(config_fields({})), "dataclass");
}

TEST(Templates, FillsVariables) {
  EXPECT_EQ(filled("a %NAME% 50% of %NAME%%", {{"NAME", "x"}}), "a x 50% of x%");
  EXPECT_EQ(filled("a\n%NAME%\nb\n", {{"NAME", ""}}), "a\nb\n");
  EXPECT_EQ(filled("a\n%NAME%\nb\n", {{"NAME", "x\n"}}), "a\nx\nb\n");
  EXPECT_EQ(filled("%NAME%", {{"NAME", "%OTHER%"}}), "%OTHER%");  // a value is not looked into
  EXPECT_THROW(static_cast<void>(filled("%OTHER%", {})), Error);
}

TEST(Templates, AreEmbedded) {
  std::vector<std::string_view> cpp;
  std::vector<std::string_view> python;
  for (const Template& file : templates()) {
    EXPECT_FALSE(file.text.empty()) << file.path;
    (file.path.starts_with("cpp/") ? cpp : python).push_back(file.path);
  }
  EXPECT_THAT(cpp, ElementsAre("cpp/README.md", "cpp/config.h", "cpp/model.h", "cpp/plugin.cpp",
                               "cpp/plugin_manifest.json", "cpp/tests/model_test.cpp"));
  EXPECT_THAT(python,
              ElementsAre("python/README.md", "python/__init__.py", "python/config.py",
                          "python/model.py", "python/plugin.py", "python/plugin_manifest.json",
                          "python/tests/__init__.py", "python/tests/test_model.py"));
}

plugin::DecoderConfig tiny(const char* text) {
  plugin::DecoderConfig out;
  out.load(formats::HfConfig(json::Value(tiny_config(object(text))), "config.json"));
  static_cast<void>(out.spec());
  return out;
}

TEST(TinyConfig, KeepsTheForm) {
  const auto grouped = tiny(
      R"({"num_attention_heads": 32, "num_key_value_heads": 8, "hidden_size": 4096, "head_dim": 128})");
  EXPECT_EQ(grouped.num_key_value_heads, 2);
  EXPECT_EQ(grouped.head_dim, 16);
  const auto wide = tiny(
      R"({"num_attention_heads": 32, "num_key_value_heads": 1, "hidden_size": 2048, "head_dim": 256,
                             "sliding_window": 4096, "tie_word_embeddings": true, "attention_bias": true})");
  EXPECT_EQ(wide.num_key_value_heads, 1);
  EXPECT_EQ(wide.head_dim, 32);
  EXPECT_EQ(wide.sliding_window, 16);
  EXPECT_TRUE(wide.tie_word_embeddings);
  EXPECT_TRUE(wide.attention_bias);
  EXPECT_FALSE(tiny("{}").num_key_value_heads);
}

TEST(SourceConfig, SaysWhatItsFamilyImplies) {
  const formats::TempFolder folder;
  const auto source = [&](const char* text) {
    folder.write("config.json", text);
    return read_source(folder.path());
  };
  const SourceConfig llama = source(R"({"model_type": "llama", "sliding_window": 8})");
  EXPECT_TRUE(llama.has_paired_qk_rows);
  EXPECT_EQ(json::Value(llama.config).dump(), R"({"model_type": "llama", "sliding_window": 8})");
  const SourceConfig qwen3 =
      source(R"({"model_type": "qwen3", "sliding_window": 8, "use_sliding_window": false})");
  EXPECT_FALSE(qwen3.has_paired_qk_rows);
  EXPECT_EQ(json::Value(qwen3.config).dump(), R"({"model_type": "qwen3", "qk_norm": true})");
  EXPECT_FALSE(source(R"({"model_type": "other"})").has_paired_qk_rows);
}

TEST(TinyConfig, RotaryScalingStaysWhereItIsKnown) {
  EXPECT_EQ(tiny(R"({"rope_scaling": {"type": "linear", "factor": 4.0}})").rope.scaling.factor,
            4.0);
  EXPECT_EQ(tiny(R"({"rope_scaling": {"type": "longrope", "factor": 4.0}})").rope.scaling.kind,
            ops::RopeScalingKind::kNone);
  EXPECT_EQ(tiny(R"({"rope_scaling": {"factors": [1, 2, 3]}})").rope.scaling.kind,
            ops::RopeScalingKind::kNone);
}

TEST(TinyConfig, HoldsOutHostileSizes) {
  static_cast<void>(tiny(
      R"({"num_attention_heads": 0, "hidden_size": -1, "head_dim": 0, "num_hidden_layers": 1000000000,
                             "hidden_act": "gelu", "vocab_size": "a", "intermediate_size": null})"));
}

TEST(TinyConfig, ListsOverLayersAreCut) {
  const json::Value config =
      tiny_config(object(R"({"n_layer": 3, "kinds": ["a", "b", "c"], "others": [1, 2, 3, 4]})"));
  EXPECT_EQ(config.find("kinds")->as_array().size(), 2u);
  EXPECT_EQ(config.find("others")->as_array().size(), 4u);
  EXPECT_EQ(config.find("n_layer")->as_integer(), 2);
}

}  // namespace
}  // namespace pio::apps
