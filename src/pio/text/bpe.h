// SPDX-License-Identifier: Apache-2.0
// Byte-level byte-pair encoding.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pio/text/token_model.h"
#include "pio/text/vocabulary.h"

namespace pio::text {

/// The merges of a BPE model: pair of ids -> rank and resulting id, in an open-addressing hash.
class MergeTable {
 public:
  struct Merge {
    uint32_t rank;
    int32_t id;
  };

  /// Room for `count` merges; before the first insert.
  void reserve(size_t count);
  /// A pair given twice keeps its last rank, as in `tokenizers`. False, and nothing is to be done
  /// with the table any more, if the pairs were made to collide.
  [[nodiscard]] bool insert(int32_t left, int32_t right, Merge merge);
  /// Fetches what insert() or find() of the pair will need.
  void prefetch(int32_t left, int32_t right) const noexcept;
  /// nullptr if the pair does not merge.
  [[nodiscard]] const Merge* find(int32_t left, int32_t right) const noexcept;

 private:
  struct Slot {
    uint64_t key = kFree;
    Merge merge{};
  };
  static constexpr uint64_t kFree = UINT64_MAX;  // a pair of ids -1

  [[nodiscard]] size_t first_slot_of(uint64_t key) const noexcept;
  [[nodiscard]] const Slot* slot_of(uint64_t key) const noexcept;
  [[nodiscard]] bool grow(size_t slot_count);

  std::vector<Slot> slots_;  // the size is a power of two
  size_t size_ = 0;
};

/// Makes a MergeTable of merges given as texts, lowest rank first.
class MergeBuilder {
 public:
  /// `vocabulary` must outlive the builder.
  MergeBuilder(const Vocabulary& vocabulary, size_t count);
  /// Errors: kBadFile where a part or the result is no token, or where the pairs were made to
  /// collide in the hash; at the latest in take().
  void add(std::string_view left, std::string_view right);
  [[nodiscard]] MergeTable take();

 private:
  // Lookups go in batches: one by one they spend their time waiting for memory.
  static constexpr size_t kBatch = 16;
  struct Pending {
    std::array<std::string, 3> texts;  // left, right, joined
    std::array<uint32_t, 3> hashes;
  };
  void flush();

  const Vocabulary& vocabulary_;
  MergeTable table_;
  uint32_t rank_ = 0;
  std::array<Pending, kBatch> pending_;
  size_t pending_count_ = 0;
};

/// Gives a pre-token's bytes a token each, then joins pairs, lowest rank first, leftmost first.
class Bpe final : public TokenModel {
 public:
  struct Options {
    std::optional<int32_t> unk =
        std::nullopt;            ///< for bytes without a token; without it they are left out
    bool fuse_unk = false;       ///< neighbouring unknown bytes give one unk
    bool ignore_merges = false;  ///< a pre-token that is a token is taken as it is
  };

  Bpe(std::shared_ptr<const Vocabulary> vocabulary, MergeTable merges, Options options);
  /// Whether every byte has a token.
  [[nodiscard]] bool has_all_bytes() const noexcept;
  /// Time O(n log n) in the bytes of `piece`.
  void encode(std::string_view piece, std::string& buffer,
              std::vector<int32_t>& out) const override;

 private:
  void append_bytes(std::string_view piece, std::vector<int32_t>& out) const;
  void merge_short(std::vector<int32_t>& ids, size_t first) const;
  void merge_long(std::vector<int32_t>& ids, size_t first) const;

  std::shared_ptr<const Vocabulary> vocabulary_;
  MergeTable merges_;
  Options options_;
  std::array<int32_t, 256> byte_ids_{};  // -1: no token
};

}  // namespace pio::text
