// SPDX-License-Identifier: Apache-2.0
// tests/golden/tokenizer/components.json: ids as `tokenizers` gives them.
#include <gtest/gtest.h>

#include "pio/text/detokenizer.h"
#include "pio/text/tokenizer_test_support.h"

namespace pio::text {
namespace {

std::vector<int32_t> ids_of(const json::Value& value) {
  std::vector<int32_t> out;
  for (const auto& id : value.as_array()) {
    out.push_back(static_cast<int32_t>(id.as_integer()));
  }
  return out;
}

// A whole tokenizer.json around the golden file's model.
std::string document(const json::Value& model, const json::Value& members) {
  const json::Value byte_level(json::Object{{"type", "ByteLevel"},
                                            {"add_prefix_space", false},
                                            {"trim_offsets", true},
                                            {"use_regex", true}});
  json::Object model_object = model.as_object();
  json::Object out;
  for (const auto& [name, value] : members.as_object()) {
    if (name == "ignore_merges") {
      std::erase_if(model_object,
                    [](const auto& member) { return member.first == "ignore_merges"; });
      model_object.emplace_back(name, value);
    } else {
      out.emplace_back(name, value);
    }
  }
  for (const char* name : {"pre_tokenizer", "decoder"}) {
    if (members.find(name) == nullptr) {
      out.emplace_back(name, byte_level);
    }
  }
  out.emplace_back("model", json::Value(std::move(model_object)));
  return json::Value(std::move(out)).dump();
}

TEST(TokenizerGolden, EqualsTokenizers) {
  const auto golden =
      json::parse_value(read_text("tests/golden/tokenizer/components.json"), "components.json");
  const auto& texts = golden.find("texts")->as_array();
  ASSERT_FALSE(golden.find("variants")->as_array().empty());
  for (const auto& variant : golden.find("variants")->as_array()) {
    const auto& name = variant.find("name")->as_string();
    const auto tokenizer =
        Tokenizer::from_json(document(*golden.find("model"), *variant.find("members")), name);
    for (size_t i = 0; i < texts.size(); ++i) {
      const auto& text = texts[i].as_string();
      const auto ids = tokenizer->encode(text);
      EXPECT_EQ(ids, ids_of(variant.find("ids")->as_array()[i])) << name << ": \"" << text << '"';
      EXPECT_EQ(tokenizer->encode(text, {.add_special = false, .parse_special = false}),
                ids_of(variant.find("ids_without_special")->as_array()[i]))
          << name << ": \"" << text << '"';
      Detokenizer detokenizer(tokenizer, false);
      std::string streamed;
      for (const int32_t id : ids) {
        streamed += detokenizer.push(id);
      }
      streamed += detokenizer.finish();
      EXPECT_EQ(streamed, tokenizer->decode(ids)) << name;
    }
  }
}

// What a GGUF's `pre` stands for equals the tokenizer.json that it was made from.
TEST(TokenizerGolden, PresetsEqualTheirTokenizerJson) {
  const auto golden =
      json::parse_value(read_text("tests/golden/tokenizer/components.json"), "components.json");
  const auto& model = *golden.find("model");
  std::vector<std::string> merges;
  for (const auto& merge : model.find("merges")->as_array()) {
    merges.push_back(merge.as_array()[0].as_string() + " " + merge.as_array()[1].as_string());
  }
  VocabSpec spec;
  spec.tokens.resize(model.find("vocab")->as_object().size());
  for (const auto& [token, id] : model.find("vocab")->as_object()) {
    spec.tokens[static_cast<size_t>(id.as_integer())] = token;
  }
  spec.merges.assign(merges.begin(), merges.end());
  const std::vector<std::pair<std::string, std::string>> pairs = {
      {"gpt-2", "byte_level"}, {"smollm", "smollm"}, {"llama-bpe", "llama3"}, {"qwen2", "qwen2"},
      {"gpt-4o", "o200k"},     {"tekken", "tekken"}, {"falcon", "falcon"}};
  for (const auto& [pre, name] : pairs) {
    spec.pre = pre;
    const auto tokenizer = Tokenizer::from_vocab(spec);
    const auto& texts = golden.find("texts")->as_array();
    size_t compared = 0;
    for (const auto& variant : golden.find("variants")->as_array()) {
      for (size_t i = 0; variant.find("name")->as_string() == name && i < texts.size();
           ++i, ++compared) {
        EXPECT_EQ(tokenizer->encode(texts[i].as_string()),
                  ids_of(variant.find("ids")->as_array()[i]))
            << pre << ": \"" << texts[i].as_string() << '"';
      }
    }
    EXPECT_GT(compared, 0u) << name;
  }
}

}  // namespace
}  // namespace pio::text
