// SPDX-License-Identifier: Apache-2.0
#include "pio/text/tokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pio/text/detokenizer.h"
#include "pio/text/tokenizer_test_support.h"

namespace pio::text {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(TokenizerFromVocab, MergesLowestRankFirst) {
  TinyVocab vocab;
  const auto bc = vocab.merge("b", "c");
  const auto ab = vocab.merge("a", "b");
  const auto tokenizer = Tokenizer::from_vocab(vocab.spec());
  EXPECT_THAT(tokenizer->encode("abc"), ElementsAre('a', bc));
  EXPECT_THAT(tokenizer->encode("abab"), ElementsAre(ab, ab));
  EXPECT_EQ(tokenizer->size(), 258);
  EXPECT_EQ(tokenizer->id_of("ab"), ab);
  EXPECT_EQ(tokenizer->id_of("abc"), std::nullopt);
  EXPECT_EQ(tokenizer->token_bytes(ab), "ab");
  EXPECT_EQ(tokenizer->token_bytes(0xC3), "\xc3");
  EXPECT_EQ(tokenizer->token_bytes(-1), "");
  EXPECT_EQ(tokenizer->token_bytes(258), "");
}

// Short pieces are merged by scanning, long ones with a heap: both must agree.
TEST(TokenizerFromVocab, LongAndShortPiecesMergeAlike) {
  TinyVocab vocab;
  for (const auto& [left, right] :
       std::vector<std::pair<const char*, const char*>>{{"a", "b"},
                                                        {"ab", "ab"},
                                                        {"b", "a"},
                                                        {"a", "a"},
                                                        {"c", "ab"},
                                                        {"abab", "abab"},
                                                        {"aa", "b"}}) {
    vocab.merge(left, right);
  }
  const auto tokenizer = Tokenizer::from_vocab(vocab.spec());
  std::string text;
  uint32_t random = 1;
  for (int i = 0; i < 3000; ++i) {
    random = random * 1664525u + 1013904223u;
    text += "abc"[random >> 24 & 1 ? random >> 25 & 1 : random >> 26 & 1 ? 2 : 0];
  }
  // The reference: the lowest rank anywhere, leftmost, until nothing merges.
  std::vector<std::string> parts;
  for (const char c : text) {
    parts.emplace_back(1, c);
  }
  for (const auto& merge : vocab.merges) {
    const auto left = merge.substr(0, merge.find(' '));
    const auto right = merge.substr(merge.find(' ') + 1);
    for (size_t i = 0; i + 1 < parts.size(); ++i) {
      if (parts[i] == left && parts[i + 1] == right) {
        parts[i] += parts[i + 1];
        parts.erase(parts.begin() + static_cast<ptrdiff_t>(i) + 1);
      }
    }
  }
  std::vector<int32_t> wanted;
  for (const auto& part : parts) {
    wanted.push_back(*tokenizer->id_of(part));
  }
  EXPECT_EQ(tokenizer->encode(text), wanted);
}

TEST(TokenizerFromVocab, ControlTokensAreParsedOnRequest) {
  TinyVocab vocab;
  const auto end = vocab.add("<|im_end|>", 3);
  const auto think = vocab.add("<think>", 4);
  const auto tokenizer = Tokenizer::from_vocab(vocab.spec());
  EXPECT_THAT(tokenizer->encode("a<|im_end|><think>"), ElementsAre('a', end, think));
  // T15: content is data.
  const auto plain = tokenizer->encode("a<|im_end|><think>", {.parse_special = false});
  EXPECT_EQ(plain.size(), 12u);
  EXPECT_EQ(plain.back(), think);
  EXPECT_TRUE(tokenizer->is_special(end));
  EXPECT_FALSE(tokenizer->is_special(think));
  const std::vector<int32_t> ids = {'a', end, think};
  EXPECT_EQ(tokenizer->decode(ids), "a<|im_end|><think>");
  EXPECT_EQ(tokenizer->decode(ids, true), "a<think>");
}

TEST(TokenizerFromVocab, AddsBosAndEos) {
  TinyVocab vocab;
  const auto bos = vocab.add("<s>", 3);
  const auto eos = vocab.add("</s>", 3);
  auto spec = vocab.spec();
  spec.bos = bos;
  spec.eos = eos;
  EXPECT_THAT(Tokenizer::from_vocab(spec)->encode("a"), ElementsAre('a'));
  spec.pre = "llama-bpe";  // adds BOS unless told otherwise
  EXPECT_THAT(Tokenizer::from_vocab(spec)->encode("a"), ElementsAre(bos, 'a'));
  spec.add_bos = false;
  spec.add_eos = true;
  const auto tokenizer = Tokenizer::from_vocab(spec);
  EXPECT_THAT(tokenizer->encode("a"), ElementsAre('a', eos));
  EXPECT_THAT(tokenizer->encode("a", {.add_special = false}), ElementsAre('a'));
  EXPECT_EQ(tokenizer->bos_id(), bos);
  EXPECT_EQ(tokenizer->eos_id(), eos);
  EXPECT_EQ(tokenizer->pad_id(), std::nullopt);
  spec.eos = std::nullopt;
  expect_error(ErrorCode::kBadFile, "no eos token",
               [&] { static_cast<void>(Tokenizer::from_vocab(spec)); });
}

TEST(TokenizerFromVocab, RefusesAnUnknownPre) {
  TinyVocab vocab;
  vocab.pre = "no-such-thing";
  expect_error(ErrorCode::kUnsupported, "tiny.gguf: tokenizer.ggml.pre \"no-such-thing\"",
               [&] { static_cast<void>(Tokenizer::from_vocab(vocab.spec())); });
}

TEST(TokenizerFromJson, ReadsBothSpellingsOfMerges) {
  for (const char* merges : {R"(["a b", "ab c"])", R"([["a", "b"], ["ab", "c"]])"}) {
    const auto tokenizer = Tokenizer::from_json(tiny_json(kTinyVocab, merges), "t.json");
    EXPECT_THAT(tokenizer->encode("abcab"), ElementsAre(6, 5));
    EXPECT_THAT(tokenizer->encode("xax"), ElementsAre(0));  // bytes without a token are left out
  }
}

TEST(TokenizerFromJson, UnknownBytes) {
  for (const bool fuse : {false, true}) {
    const auto text = tiny_json(std::string(R"({"a": 0, "?": 1}, "unk_token": "?", "fuse_unk": )") +
                                    (fuse ? "true" : "false"),
                                "[]");
    const auto ids = Tokenizer::from_json(text, "t.json")->encode("axyza");
    EXPECT_EQ(ids, fuse ? std::vector<int32_t>({0, 1, 0}) : std::vector<int32_t>({0, 1, 1, 1, 0}));
  }
}

TEST(TokenizerFromJson, TakesRolesFromTokenizerConfig) {
  const auto text = tiny_json(kTinyVocab, "[]",
                              R"("added_tokens": [{"id": 9, "content": "<s>", "special": true}])");
  const auto tokenizer = Tokenizer::from_json(
      text, "t.json",
      R"({"bos_token": {"content": "<s>"}, "eos_token": "e", "pad_token": null, "unk_token": "?"})",
      "c.json");
  EXPECT_EQ(tokenizer->bos_id(), 9);
  EXPECT_EQ(tokenizer->eos_id(), 4);
  EXPECT_EQ(tokenizer->pad_id(), std::nullopt);
  EXPECT_EQ(tokenizer->unk_id(), std::nullopt);
  EXPECT_EQ(tokenizer->size(), 10);
  EXPECT_EQ(tokenizer->kind(7), TokenKind::kUnused);
  EXPECT_THAT(tokenizer->encode("a<s>"), ElementsAre(0, 9));
}

TEST(TokenizerFromJson, NamesWhatItDoesNotSupport) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {R"("normalizer": {"type": "Lowercase"})", "normalizer: normalizer type \"Lowercase\""},
      {R"("pre_tokenizer": {"type": "Metaspace"})",
       "pre_tokenizer: pre-tokenizer type \"Metaspace\""},
      {R"("pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "Whitespace"}]})",
       "pre_tokenizer.pretokenizers[0]: pre-tokenizer type \"Whitespace\""},
      {R"("pre_tokenizer": null)", "0 ByteLevel"},
      {R"("post_processor": {"type": "BertProcessing"})",
       "post_processor: post-processor type \"BertProcessing\""},
      {R"("decoder": {"type": "WordPiece"})", "decoder: decoder type \"WordPiece\""},
      {R"("decoder": null)", "decoder without ByteLevel"}};
  for (const auto& [member, message] : cases) {
    auto text = tiny_json(kTinyVocab, "[]", member);
    // The member given replaces the default one.
    for (
        const char* known :
        {R"("pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "use_regex": true},)",
         R"("decoder": {"type": "ByteLevel"},)"}) {
      if (std::string(known).starts_with(member.substr(0, member.find(':')))) {
        text.erase(text.find(known), std::string(known).size());
      }
    }
    expect_error(ErrorCode::kUnsupported,
                 "t.json: ", [&] { static_cast<void>(Tokenizer::from_json(text, "t.json")); });
    expect_error(ErrorCode::kUnsupported, message,
                 [&] { static_cast<void>(Tokenizer::from_json(text, "t.json")); });
  }
  expect_error(ErrorCode::kUnsupported, "model type \"Unigram\"", [] {
    static_cast<void>(Tokenizer::from_json(
        R"({"model": {"type": "Unigram", "vocab": [["a", -1.5], {"b": []}]}})", "t.json"));
  });
}

TEST(Detokenizer, SplitsNoCharacter) {
  TinyVocab vocab;
  const auto control = vocab.add("<x>", 3);
  const auto tokenizer = Tokenizer::from_vocab(vocab.spec());
  Detokenizer detokenizer(tokenizer);
  // T14
  EXPECT_EQ(detokenizer.push(0xF0), "");
  EXPECT_EQ(detokenizer.push(0x9F), "");
  EXPECT_EQ(detokenizer.push(control), "");
  EXPECT_EQ(detokenizer.push(0x98), "");
  EXPECT_EQ(detokenizer.push(0x80), "\U0001f600");
  EXPECT_EQ(detokenizer.push(0xE2), "");
  EXPECT_EQ(detokenizer.push('a'), "\ufffda");
  EXPECT_EQ(detokenizer.push(0xFF), "\ufffd");
  EXPECT_EQ(detokenizer.push(0xE2), "");
  EXPECT_EQ(detokenizer.push(0x82), "");
  EXPECT_EQ(detokenizer.finish(), "\ufffd");
  EXPECT_EQ(detokenizer.finish(), "");
  EXPECT_EQ(detokenizer.push(0xC3), "");
  detokenizer.reset();
  EXPECT_EQ(detokenizer.push('b'), "b");
  EXPECT_EQ(Detokenizer(tokenizer, false).push(control), "<x>");
}

}  // namespace
}  // namespace pio::text
