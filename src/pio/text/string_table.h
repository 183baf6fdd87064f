// SPDX-License-Identifier: Apache-2.0
// Strings in one arena, found by an open-addressing hash: a vocabulary of 10^5 tokens in two
// allocations.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pio::text {

/// Distinct strings, numbered from 0 in order of insertion, with a value each.
class StringTable {
 public:
  /// Room for `count` strings of `total_bytes` altogether.
  void reserve(size_t count, size_t total_bytes);

  /// Adds `text`, or gives back false and changes nothing if it is there already.
  bool insert(std::string_view text, int32_t value);

  /// The value stored with `text`.
  [[nodiscard]] std::optional<int32_t> find(std::string_view text) const noexcept {
    return find(text, start_find(text));
  }

  /// find() in steps, so that many lookups can wait for memory together: start them all, then
  /// continue them all, then finish each with find(text, hash).
  [[nodiscard]] uint32_t start_find(std::string_view text) const noexcept;
  void continue_find(uint32_t hash) const noexcept;
  [[nodiscard]] std::optional<int32_t> find(std::string_view text, uint32_t hash) const noexcept;

  [[nodiscard]] size_t size() const noexcept { return entries_.size(); }
  /// The i-th string; valid until the next insert.
  [[nodiscard]] std::string_view text(size_t i) const noexcept {
    return std::string_view(arena_).substr(entries_[i].begin, entries_[i].size);
  }
  [[nodiscard]] int32_t value(size_t i) const noexcept { return entries_[i].value; }

 private:
  struct Entry {
    uint32_t begin;
    uint32_t size;
    int32_t value;
  };
  struct Slot {
    uint32_t hash;
    uint32_t number;  // of the entry, from 1; 0: free
  };

  void grow(size_t slot_count);
  [[nodiscard]] size_t slot_of(std::string_view text, uint32_t hash) const noexcept;

  std::string arena_;
  std::vector<Entry> entries_;
  std::vector<Slot> slots_;  // the size is a power of two
};

/// 64-bit multiply-fold hash of bytes.
[[nodiscard]] uint64_t hash_bytes(std::string_view bytes) noexcept;

}  // namespace pio::text
