// SPDX-License-Identifier: Apache-2.0
// Small tokenizers for tests.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include "pio/base/error.h"
#include "pio/base/json.h"
#include "pio/text/byte_alphabet.h"
#include "pio/text/tokenizer.h"

namespace pio::text {

/// A vocabulary of all bytes (id = byte) and some tokens behind it, to be turned into a VocabSpec.
struct TinyVocab {
  std::vector<std::string> tokens;
  std::vector<int32_t> types;
  std::vector<std::string> merges;
  std::string pre = "gpt-2";

  TinyVocab() {
    for (int byte = 0; byte < 256; ++byte) {
      const char raw = static_cast<char>(byte);
      append_byte_characters(tokens.emplace_back(), {&raw, 1});
    }
    types.assign(256, 1);
  }
  /// Adds a token; gives its id.
  int32_t add(std::string text, int32_t type = 1) {
    tokens.push_back(std::move(text));
    types.push_back(type);
    return static_cast<int32_t>(tokens.size()) - 1;
  }
  /// Adds the merge of two tokens and its result.
  int32_t merge(const std::string& left, const std::string& right) {
    merges.push_back(left + " " + right);
    return add(left + right);
  }
  /// Valid as long as this is unchanged.
  [[nodiscard]] VocabSpec spec() const {
    VocabSpec out;
    out.source = "tiny.gguf";
    out.pre = pre;
    out.tokens.assign(tokens.begin(), tokens.end());
    out.token_types.assign(types.begin(), types.end());
    out.merges.assign(merges.begin(), merges.end());
    return out;
  }
};

/// A tokenizer.json around a model's "vocab" and "merges" (JSON texts); `members` replace or add
/// top-level members, as "\"normalizer\": null, ...".
inline std::string tiny_json(const std::string& vocab, const std::string& merges,
                             const std::string& members = "") {
  return R"({"pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "use_regex": true},
             "decoder": {"type": "ByteLevel"}, )" +
         (members.empty() ? "" : members + ", ") + R"("model": {"type": "BPE", "vocab": )" + vocab +
         R"(, "merges": )" + merges + "}}";
}

/// "vocab" with the letters a to e (ids 0 to 4), "ab" (5) and "abc" (6).
inline constexpr const char* kTinyVocab =
    R"({"a": 0, "b": 1, "c": 2, "d": 3, "e": 4, "ab": 5, "abc": 6})";

/// The file's text. The tests run in the repository's root.
inline std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.good()) << path;
  std::stringstream out;
  out << file.rdbuf();
  return out.str();
}

/// Expects an Error with `code` whose message holds `part`.
inline void expect_error(ErrorCode code, const std::string& part,
                         const std::function<void()>& action) {
  try {
    action();
    ADD_FAILURE() << "no error; expected one with: " << part;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
    EXPECT_LT(std::string(error.what()).size(), 2000u);
  }
}

}  // namespace pio::text
