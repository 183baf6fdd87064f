// SPDX-License-Identifier: Apache-2.0
// Rows T01-T14 of the hostile inputs (T14 and T15 are in tokenizer_test.cpp).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>

#include "pio/base/utf8.h"
#include "pio/text/matcher.h"
#include "pio/text/tokenizer_test_support.h"

namespace pio::text {
namespace {

using testing::ElementsAre;

void expect_bad_json(const std::string& text, const std::string& part) {
  expect_error(ErrorCode::kBadFile, part,
               [&] { static_cast<void>(Tokenizer::from_json(text, "t.json")); });
}
void expect_bad_vocab(const VocabSpec& spec, const std::string& part) {
  expect_error(ErrorCode::kBadFile, part, [&] { static_cast<void>(Tokenizer::from_vocab(spec)); });
}

double thread_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

// The best of three runs.
double seconds_of(const std::function<void()>& action) {
  double best = 1e9;
  for (int i = 0; i < 3; ++i) {
    const double start = thread_seconds();
    action();
    best = std::min(best, thread_seconds() - start);
  }
  return best;
}

TEST(TokenizerHostile, T01TruncatedDeepAndBlank) {
  const auto text =
      tiny_json(kTinyVocab, R"(["a b"])", R"("added_tokens": [{"id": 9, "content": "<s>"}])");
  for (size_t size = 0; size < text.size(); ++size) {
    expect_bad_json(text.substr(0, size), "t.json: byte ");
  }
  expect_bad_json(std::string(100'000, '['), "depth limit of 512");
  expect_bad_json(R"({"model": )" + std::string(100'000, '[') + "}", "depth limit of 512");
  expect_bad_json(R"({"model": {"type": "BPE", "vocab": )" + std::string(100'000, '['),
                  "depth limit of 512");
  expect_bad_json(std::string(1 << 20, ' '), "t.json: byte ");
  // 2 GB of spaces: refused by size alone, the bytes are never looked at.
  const std::string_view huge(text.data(), size_t{2} << 30);
  expect_error(ErrorCode::kBadFile, "the limit is",
               [&] { static_cast<void>(Tokenizer::from_json(huge, "t.json")); });
  std::string many = "[0";
  for (int i = 0; i < 600'000; ++i) {
    many += ",0";
  }
  expect_bad_json(many + "]", "more than 500000 values");
}

TEST(TokenizerHostile, T02Merges) {
  expect_bad_json(tiny_json(kTinyVocab, R"(["a x"])"), "merge 0 wants the token \"x\"");
  expect_bad_json(tiny_json(kTinyVocab, R"(["a b", "a c"])"), "merge 1 wants the token \"ac\"");
  expect_bad_json(tiny_json(kTinyVocab, R"(["ab"])"), "merge \"ab\"");
  expect_bad_json(tiny_json(kTinyVocab, R"(["a b c"])"), "merge \"a b c\"");
  expect_bad_json(tiny_json(kTinyVocab, R"([["a"]])"), "a merge of 1 tokens");
  expect_bad_json(tiny_json(kTinyVocab, R"([["a", "b", "c"]])"), "a merge of 3 tokens");
  expect_bad_json(tiny_json(kTinyVocab, R"([["a", 1]])"), "integer in the merges");
  expect_bad_json(tiny_json(kTinyVocab, R"([{"a": "b"}])"), "object in the merges");
  // A duplicate counts where it comes last, as in `tokenizers`.
  const char* vocab = R"({"a": 0, "b": 1, "c": 2, "ab": 3, "bc": 4})";
  const auto once = Tokenizer::from_json(tiny_json(vocab, R"(["a b", "b c"])"), "t.json");
  const auto twice = Tokenizer::from_json(tiny_json(vocab, R"(["a b", "b c", "a b"])"), "t.json");
  EXPECT_THAT(once->encode("abc"), ElementsAre(3, 2));
  EXPECT_THAT(twice->encode("abc"), ElementsAre(0, 4));
  TinyVocab tiny;
  tiny.merges = {"a"};
  expect_bad_vocab(tiny.spec(), "tokenizer.ggml.merges[0]");
  tiny.merges = {"a zz"};
  expect_bad_vocab(tiny.spec(), "wants the token \"zz\"");
}

// Pairs with one home in the hash of MergeTable, whose formula is repeated here: each of them would
// walk past all others.
TEST(TokenizerHostile, T02MergesMadeToCollide) {
  constexpr size_t kMerges = 2000;
  constexpr uint64_t kSlots = 4096;  // room for so many
  TinyVocab vocab;
  std::vector<int32_t> run = {0, 'a'};  // the id of "a" repeated
  for (size_t size = 2; size <= 1600; ++size) {
    run.push_back(vocab.add(std::string(size, 'a')));
  }
  const auto home = [&](size_t left, size_t right) {
    const uint64_t hash = (uint64_t{static_cast<uint32_t>(run[left])} << 32 |
                           static_cast<uint32_t>(run[right])) *
                          0x9E3779B97F4A7C15u;
    return (hash ^ (hash >> 32)) & (kSlots - 1);
  };
  for (size_t left = 1; left <= 800; ++left) {
    for (size_t right = 1; right <= 800 && vocab.merges.size() < kMerges; ++right) {
      if (home(left, right) < 13) {
        vocab.merges.push_back(std::string(left, 'a') + " " + std::string(right, 'a'));
      }
    }
  }
  ASSERT_EQ(vocab.merges.size(), kMerges);
  expect_bad_vocab(vocab.spec(), "tiny.gguf: merge 1");
  expect_bad_vocab(vocab.spec(), "merges made to collide");
}

TEST(TokenizerHostile, T03Ids) {
  expect_bad_json(tiny_json(R"({"a": 0, "b": 0})", "[]"), "id 0 is given to \"a\" and to \"b\"");
  expect_bad_json(tiny_json(R"({"a": 0, "a": 1})", "[]"), "two ids");
  expect_bad_json(tiny_json(R"({"a": 2147483648})", "[]"), "id 2147483648");
  expect_bad_json(tiny_json(R"({"a": 18446744073709551615})", "[]"), "for an id");
  expect_bad_json(tiny_json(R"({"a": -1})", "[]"), "id -1");
  expect_bad_json(tiny_json(R"({"a": 1.5})", "[]"), "for an id");
  expect_bad_json(tiny_json(R"({"a": "0"})", "[]"), "for an id");
  expect_bad_json(tiny_json(R"({"a": [0]})", "[]"), "for an id");
  expect_bad_json(tiny_json("{}", "[]"), "vocabulary is empty");
  expect_bad_json(tiny_json("{}, \"vocab\": {}", "[]"), "duplicate key");
  expect_bad_json(R"({"model": {}, "model": {}})", "duplicate key");
  expect_bad_json(tiny_json(kTinyVocab, "[]", R"("added_tokens": [{"id": 3, "content": "x"}])"),
                  "id 3 is given");
  expect_bad_json(tiny_json(kTinyVocab, "[]", R"("added_tokens": [{"id": 9, "content": "a"}])"),
                  "has it under 0");
  expect_bad_json(
      tiny_json(kTinyVocab, "[]", R"("added_tokens": [{"id": 4194304, "content": "x"}])"),
      "id 4194304");
  const auto holes = Tokenizer::from_json(tiny_json(R"({"a": 0, "b": 1000})", "[]"), "t.json");
  EXPECT_THAT(holes->encode("ab"), ElementsAre(0, 1000));
  EXPECT_EQ(holes->token_bytes(500), "");
  VocabSpec empty;
  expect_bad_vocab(empty, "0 tokenizer.ggml.tokens");
}

TEST(TokenizerHostile, T04InvalidUtf8) {
  expect_bad_json(tiny_json(R"({"\ud800": 0})", "[]"), "t.json: byte ");
  expect_bad_json(tiny_json("{\"\xff\": 0}", "[]"), "t.json: byte ");
  TinyVocab vocab;
  const auto id = vocab.add("\xff\xfe");
  EXPECT_EQ(Tokenizer::from_vocab(vocab.spec())->token_bytes(id), "\xff\xfe");
}

TEST(TokenizerHostile, T05T06ByteTokens) {
  TinyVocab vocab;
  const auto good = vocab.add("<0x1F>", 6);
  std::vector<std::pair<int32_t, std::string>> odd;
  for (const char* text : {"<0x-1>", "<0xZZ>", "<0x1", "<0x1FF>", "<0x+1>", "<0x 1>", "<0x>"}) {
    odd.emplace_back(vocab.add(text, 6), text);
  }
  const auto tokenizer = Tokenizer::from_vocab(vocab.spec());
  EXPECT_EQ(tokenizer->token_bytes(good), "\x1f");
  for (const auto& [id, text] : odd) {
    EXPECT_EQ(tokenizer->token_bytes(id), text);
  }
}

TEST(TokenizerHostile, T07LongAndEmptyTokens) {
  TinyVocab vocab;
  const std::string mega(1 << 20, 'a');
  const auto id = vocab.add(mega);
  for (int i = 0; i < 1'000'000; ++i) {
    vocab.add("");
  }
  std::shared_ptr<const Tokenizer> tokenizer;
  EXPECT_LT(seconds_of([&] { tokenizer = Tokenizer::from_vocab(vocab.spec()); }), 1.0);
  EXPECT_EQ(tokenizer->token_bytes(id).size(), mega.size());
  EXPECT_EQ(tokenizer->encode("a<b").size(), 3u);
  EXPECT_EQ(tokenizer->id_of(""), std::nullopt);
  vocab.types[static_cast<size_t>(id)] = 3;
  expect_error(ErrorCode::kUnsupported, "control token 256 has 1048576 bytes",
               [&] { static_cast<void>(Tokenizer::from_vocab(vocab.spec())); });
}

TEST(TokenizerHostile, T08SpecialIdsOutOfRange) {
  TinyVocab vocab;
  for (const int64_t id : {int64_t{-1}, int64_t{256}, int64_t{1} << 31, INT64_MAX, INT64_MIN}) {
    for (const auto role :
         {&VocabSpec::bos, &VocabSpec::eos, &VocabSpec::unk, &VocabSpec::pad, &VocabSpec::eot}) {
      auto spec = vocab.spec();
      spec.*role = id;
      expect_bad_vocab(spec, "256 tokens");
    }
  }
  auto spec = vocab.spec();
  spec.token_types.pop_back();
  expect_bad_vocab(spec, "255 token types");
  spec.token_types.push_back(7);
  expect_bad_vocab(spec, "token_type[255] is 7");
  spec.token_types.back() = (int64_t{1} << 32) + 1;  // 1 in 32 bits
  expect_bad_vocab(spec, "token_type[255] is 4294967297");
  expect_bad_json(tiny_json(kTinyVocab, "[]", R"("post_processor": {"type": "TemplateProcessing",
      "single": [{"SpecialToken": {"id": "x"}}, {"Sequence": {"id": "A"}}], "special_tokens": {"x": {"ids": [7]}}})"),
                  "id 7, the file has 7 tokens");
}

// At most 100 ms per KiB of text, whatever the pattern.
TEST(TokenizerHostile, T09Patterns) {
  for (const char* pattern : {"(a+)+$", "(a|aa)+$", "(?:a?){60}a{60}", "(a*)*b", "((a+)+)+!"}) {
    const auto matcher = make_regex_matcher(pattern, "t.json: pattern");
    for (const size_t size : {size_t{64}, size_t{1024}, size_t{4096}}) {
      const std::string text = std::string(size - 1, 'a') + "!";
      const double start = thread_seconds();
      try {
        MatchState state(text.size());
        std::vector<Span> out;
        matcher->find(text, state, out);
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
        EXPECT_NE(std::string(error.what()).find("t.json: pattern"), std::string::npos);
      }
      EXPECT_LT(thread_seconds() - start, 0.1 * std::max(1.0, static_cast<double>(size) / 1024))
          << pattern << size;
    }
  }
  const auto refused = [](const std::string& pattern, const std::string& part) {
    const double start = thread_seconds();
    expect_error(ErrorCode::kBadFile, part,
                 [&] { static_cast<void>(make_regex_matcher(pattern, "t.json: pattern")); });
    EXPECT_LT(thread_seconds() - start, 1.0);
  };
  refused(std::string(5000, '(') + std::string(5000, ')'), "too deep");
  refused(std::string(1 << 20, 'a'), "the limit is 65536");
  std::string classes;
  for (int i = 0; i < 10'000; ++i) {
    classes += "\\p{L}";
  }
  refused(classes, "too large");
  std::vector<Span> out;
  MatchState state(4);
  make_regex_matcher("(?<=a)b", "t")->find("abcb", state, out);  // lookbehind works
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(out[0].begin, 1u);
}

TEST(TokenizerHostile, T10TimeIsLinear) {
  TinyVocab vocab;
  for (std::string run = "a"; run.size() < 64; run += run) {
    vocab.merge(run, run);
  }
  for (std::string run = "\u0120"; run.size() < 64; run += run) {
    vocab.merge(run, run);
  }
  vocab.add("<|im_end|>", 3);
  const std::vector<std::string> units = {"a",
                                          " ",
                                          "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d",
                                          "\u0301\u0323\u0345",
                                          std::string(1, '\0'),
                                          "\n",
                                          "<|im_end|",
                                          "1",
                                          "\u4e2d"};
  for (const char* pre : {"smollm", "qwen2", "gpt-4o", "default"}) {
    vocab.pre = pre;
    const auto tokenizer = Tokenizer::from_vocab(vocab.spec());
    for (const auto& unit : units) {
      const auto repeated = [&](size_t bytes) {
        std::string out;
        while (out.size() < bytes) {
          out += unit;
        }
        return out;
      };
      const auto seconds = [&](const std::string& text) {
        return seconds_of([&] { EXPECT_FALSE(tokenizer->encode(text).empty()); });
      };
      // Eightfold text: 64 times the work if it is quadratic, and neighbours rarely cost 20.
      const double first = seconds(repeated(16 << 10));
      const auto eightfold = repeated(128 << 10);
      double second = seconds(eightfold);
      for (int retry = 0; retry < 3 && second >= 20 * first + 0.005; ++retry) {
        second = std::min(second, seconds(eightfold));
      }
      EXPECT_LT(second, 20 * first + 0.005) << pre << " on " << unit;
    }
  }
}

TEST(TokenizerHostile, T11InvalidTextCountsAsReplacement) {
  TinyVocab vocab;
  const auto tokenizer = Tokenizer::from_vocab(vocab.spec());
  for (const char* text :
       {"\xc0\xaf", "a\xed\xa0\x80", "\xf4\x90\x80\x80", "x\xe2\x82", "\xff\xfe", "\xf0\x9f\x98"}) {
    EXPECT_EQ(tokenizer->encode(text), tokenizer->encode(utf8::sanitized(text)));
    EXPECT_EQ(tokenizer->decode(tokenizer->encode(text)), utf8::sanitized(text));
  }
  const std::vector<int32_t> cut = {'a', 0xE2, 0x82};
  EXPECT_EQ(tokenizer->decode(cut), "a\ufffd");
}

TEST(TokenizerHostile, T12MoreThanFits) {
  TinyVocab vocab;
  const auto tokenizer = Tokenizer::from_vocab(vocab.spec());
  const char one = 'a';
  for (const size_t size : {(size_t{1} << 30) + 1, (size_t{1} << 31) + 1, size_t{1} << 40}) {
    expect_error(ErrorCode::kInvalidArgument, "the limit is", [&] {
      static_cast<void>(tokenizer->encode({&one, size}));
    });  // refused before it is read
  }
}

TEST(TokenizerHostile, T13EveryCodePointSurvives) {
  TinyVocab vocab;
  for (const char* pre : {"smollm", "gpt-2", "llama-bpe", "gpt-4o", "tekken", "default"}) {
    vocab.pre = pre;
    const auto tokenizer = Tokenizer::from_vocab(vocab.spec());
    std::string text;
    for (char32_t c = 1; c < 0x110000; ++c) {
      utf8::append(text, c);
      if (c % 0x1000 == 0) {
        ASSERT_EQ(tokenizer->decode(tokenizer->encode(text)), text) << pre;
        text.clear();
      }
    }
  }
}

}  // namespace
}  // namespace pio::text
