// SPDX-License-Identifier: Apache-2.0
// Reads the text of a tokenizer.json in one pass: the vocabulary straight into a Vocabulary, the
// merges into an arena, everything else (small) into a JSON value.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "pio/base/json.h"
#include "pio/text/vocabulary.h"

namespace pio::text {

/// Pairs of strings in one arena.
class PairList {
 public:
  void reserve(size_t total_bytes) { arena_.reserve(total_bytes); }
  void add(std::string_view left, std::string_view right);
  [[nodiscard]] size_t size() const noexcept { return entries_.size(); }
  [[nodiscard]] std::string_view left(size_t i) const noexcept;
  [[nodiscard]] std::string_view right(size_t i) const noexcept;

 private:
  struct Entry {
    size_t begin;
    uint32_t left_size;
    uint32_t right_size;
  };
  std::string arena_;
  std::vector<Entry> entries_;
};

/// What a tokenizer.json holds.
struct TokenizerJson {
  json::Value rest;                        ///< the document without model.vocab and model.merges
  std::shared_ptr<Vocabulary> vocabulary;  ///< model.vocab where that is an object; not finished
  PairList merges;                         ///< model.merges
  bool has_vocabulary = false;
  bool has_merges = false;
};

/// Reads `text`. Errors: kBadFile with `source` and the byte offset.
[[nodiscard]] TokenizerJson read_tokenizer_json(std::string_view text, std::string_view source);

}  // namespace pio::text
