// SPDX-License-Identifier: Apache-2.0
// What generation_config.json and the ids of the config files mean.
#include "pio/plugin/text_loader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pio/formats/gguf_test_builder.h"

namespace pio::plugin {
namespace {

using formats::GgufType;
using formats::TempFolder;

constexpr int64_t kVocab = 40;

TextParts load(const std::string& config, const std::string& generation) {
  const TempFolder folder;
  folder.write("config.json", config);
  folder.write("generation_config.json", generation);
  formats::Checkpoint checkpoint{formats::CheckpointKind::kHuggingFace, folder.path(), nullptr,
                                 nullptr, nullptr};
  checkpoint.config = std::make_shared<formats::HfConfig>(folder.path());
  return load_text(checkpoint, kVocab);
}

generation::SamplingParams sampling(const std::string& generation) {
  return load("{}", generation).sampling;
}

TEST(TextLoader, SamplingDefaultsAreTransformers) {
  const auto greedy = sampling(R"({"repetition_penalty": 1.3, "temperature": 0.7, "top_k": 5})");
  EXPECT_EQ(greedy.temperature, 0.0);
  EXPECT_EQ(greedy.top_k, 0);
  EXPECT_EQ(greedy.repetition_penalty, 1.3) << "greedy answers are penalized as well";
  const auto plain = sampling(R"({"do_sample": true})");
  EXPECT_EQ(plain.temperature, 1.0);
  EXPECT_EQ(plain.top_k, 50);
  EXPECT_EQ(plain.top_p, 1.0);
  EXPECT_EQ(plain.repetition_penalty, 1.0);
  EXPECT_EQ(sampling(R"({"do_sample": true, "top_k": null})").top_k, 50);
  EXPECT_EQ(sampling(R"({"do_sample": true, "top_k": 0})").top_k, 0);
  EXPECT_EQ(sampling(R"({"do_sample": true, "top_k": 7, "min_p": 0.1})").top_k, 7);
}

TEST(TextLoader, T08IdsMustBeInTheVocabulary) {
  for (const char* key : {"bos_token_id", "eos_token_id", "pad_token_id"}) {
    for (const char* value : {"40", "-2", "[1, 40]", "2147483648"}) {
      const std::string bad = concat("{\"", key, "\": ", value, "}");
      for (const bool in_config : {true, false}) {
        formats::expect_rejected(
            {.message = concat("key \"", key, "\" is "),
             .source = in_config ? "/config.json" : "/generation_config.json",
             .names_byte = false},
            [&] { static_cast<void>(load(in_config ? bad : "{}", in_config ? "{}" : bad)); });
      }
    }
  }
}

TEST(TextLoader, MinusOneIsNone) {
  const auto text = load(R"({"bos_token_id": -1, "eos_token_id": -1, "pad_token_id": -1})",
                         R"({"eos_token_id": [3, -1, 39], "pad_token_id": null})");
  EXPECT_THAT(text.eos, testing::UnorderedElementsAre(3, 39));
}

// 2^32 + 1 is no 1.
TEST(TextLoader, T08TokenTypesAreCheckedBeforeTheyAreNarrowed) {
  formats::GgufBuilder builder;
  const auto array = [](GgufType type, const std::string& bytes) {
    return formats::gguf_array(static_cast<uint32_t>(type), 1, bytes);
  };
  builder.key_string("tokenizer.ggml.model", "gpt2");
  builder.key("tokenizer.ggml.tokens", GgufType::kArray,
              array(GgufType::kString, formats::gguf_string("a")));
  builder.key("tokenizer.ggml.token_type", GgufType::kArray,
              array(GgufType::kI64, formats::raw((int64_t{1} << 32) + 1)));
  const std::string bytes = builder.build();
  formats::Checkpoint checkpoint{formats::CheckpointKind::kGguf, "x.gguf", nullptr, nullptr,
                                 nullptr};
  checkpoint.gguf = std::make_shared<formats::GgufFile>(formats::as_bytes(bytes), "x.gguf");
  formats::expect_rejected(
      {.message = "token_type[0] is 4294967297", .source = "x.gguf", .names_byte = false},
      [&] { static_cast<void>(load_text(checkpoint, kVocab)); });
}

}  // namespace
}  // namespace pio::plugin
