// SPDX-License-Identifier: Apache-2.0
#include "pio/text/bpe.h"

#include <algorithm>
#include <bit>
#include <functional>

#include "pio/base/error.h"
#include "pio/text/byte_alphabet.h"

namespace pio::text {
namespace {

// Up to here scanning for the best pair beats a heap.
constexpr size_t kShortPiece = 48;

constexpr size_t kMaxProbes = 1024;  // tens at most for the merges of an honest vocabulary

uint64_t pair_key(int32_t left, int32_t right) {
  return uint64_t{static_cast<uint32_t>(left)} << 32 | static_cast<uint32_t>(right);
}

}  // namespace

void MergeTable::reserve(size_t count) {
  slots_.resize(std::bit_ceil(count * 3 / 2 + 2));
}

size_t MergeTable::first_slot_of(uint64_t key) const noexcept {
  const uint64_t hash = key * 0x9E3779B97F4A7C15u;
  return (hash ^ (hash >> 32)) & (slots_.size() - 1);
}

// The slot that holds the key or that is free for it; nullptr if it is not among the first
// kMaxProbes: then no insert can have put it anywhere else.
const MergeTable::Slot* MergeTable::slot_of(uint64_t key) const noexcept {
  const size_t mask = slots_.size() - 1;
  size_t at = first_slot_of(key);
  for (size_t probe = 0; probe < kMaxProbes; ++probe, at = (at + 1) & mask) {
    const Slot& slot = slots_[at];
    if (slot.key == kFree || slot.key == key) {
      return &slot;
    }
  }
  return nullptr;
}

void MergeTable::prefetch(int32_t left, int32_t right) const noexcept {
  if (!slots_.empty()) {
    __builtin_prefetch(&slots_[first_slot_of(pair_key(left, right))], 1);
  }
}

bool MergeTable::grow(size_t slot_count) {
  const auto old = std::move(slots_);
  slots_.assign(slot_count, Slot{});
  for (const auto& slot : old) {
    if (slot.key == kFree) {
      continue;
    }
    const Slot* free = slot_of(slot.key);
    if (free == nullptr) {
      return false;
    }
    slots_[static_cast<size_t>(free - slots_.data())] = slot;
  }
  return true;
}

bool MergeTable::insert(int32_t left, int32_t right, Merge merge) {
  if ((size_ + 1) * 3 / 2 + 2 > slots_.size() && !grow(std::max<size_t>(16, slots_.size() * 2))) {
    return false;
  }
  const uint64_t key = pair_key(left, right);
  const Slot* found = slot_of(key);
  if (found == nullptr) {
    return false;
  }
  size_ += found->key == kFree ? 1 : 0;
  slots_[static_cast<size_t>(found - slots_.data())] = {key, merge};
  return true;
}

const MergeTable::Merge* MergeTable::find(int32_t left, int32_t right) const noexcept {
  if (slots_.empty()) {
    return nullptr;
  }
  const Slot* slot = slot_of(pair_key(left, right));
  return slot == nullptr || slot->key == kFree ? nullptr : &slot->merge;
}

MergeBuilder::MergeBuilder(const Vocabulary& vocabulary, size_t count) : vocabulary_(vocabulary) {
  table_.reserve(count);
}

void MergeBuilder::add(std::string_view left, std::string_view right) {
  auto& merge = pending_[pending_count_];
  merge.texts[0] = left;
  merge.texts[1] = right;
  merge.texts[2].assign(left).append(right);
  for (size_t i = 0; i < 3; ++i) {
    merge.hashes[i] = vocabulary_.table().start_find(merge.texts[i]);
  }
  if (++pending_count_ == kBatch) {
    flush();
  }
}

void MergeBuilder::flush() {
  for (size_t m = 0; m < pending_count_; ++m) {
    for (const uint32_t hash : pending_[m].hashes) {
      vocabulary_.table().continue_find(hash);
    }
  }
  std::array<std::array<int32_t, 3>, kBatch> ids;
  for (size_t m = 0; m < pending_count_; ++m) {
    for (size_t i = 0; i < 3; ++i) {
      const auto& token = pending_[m].texts[i];
      const auto id = vocabulary_.table().find(token, pending_[m].hashes[i]);
      if (!id) {
        fail(ErrorCode::kBadFile,
             concat(escaped(vocabulary_.source()), ": merge ", rank_ + m, " wants the token \"",
                    escaped(token), "\", which the vocabulary lacks"));
      }
      ids[m][i] = *id;
    }
    table_.prefetch(ids[m][0], ids[m][1]);
  }
  for (size_t m = 0; m < pending_count_; ++m) {
    if (!table_.insert(ids[m][0], ids[m][1], {rank_++, ids[m][2]})) {
      fail(ErrorCode::kBadFile, concat(escaped(vocabulary_.source()), ": merge ", rank_ - 1,
                                       ": merges made to collide in a hash table"));
    }
  }
  pending_count_ = 0;
}

MergeTable MergeBuilder::take() {
  flush();
  return std::move(table_);
}

Bpe::Bpe(std::shared_ptr<const Vocabulary> vocabulary, MergeTable merges, Options options)
    : vocabulary_(std::move(vocabulary)), merges_(std::move(merges)), options_(options) {
  for (size_t byte = 0; byte < byte_ids_.size(); ++byte) {
    std::string character;
    const char raw = static_cast<char>(byte);
    append_byte_characters(character, {&raw, 1});
    byte_ids_[byte] = vocabulary_->find_in_model(character).value_or(-1);
  }
}

bool Bpe::has_all_bytes() const noexcept {
  return std::find(byte_ids_.begin(), byte_ids_.end(), -1) == byte_ids_.end();
}

void Bpe::encode(std::string_view piece, std::string& buffer, std::vector<int32_t>& out) const {
  if (options_.ignore_merges) {
    buffer.clear();
    append_byte_characters(buffer, piece);
    if (const auto id = vocabulary_->find_in_model(buffer)) {
      out.push_back(*id);
      return;
    }
  }
  const size_t first = out.size();
  append_bytes(piece, out);
  if (out.size() - first <= kShortPiece) {
    merge_short(out, first);
  } else {
    merge_long(out, first);
  }
}

void Bpe::append_bytes(std::string_view piece, std::vector<int32_t>& out) const {
  bool after_unknown = false;
  for (const char c : piece) {
    const int32_t id = byte_ids_[static_cast<unsigned char>(c)];
    const bool is_unknown = id < 0;
    if (!is_unknown) {
      out.push_back(id);
    } else if (options_.unk && !(after_unknown && options_.fuse_unk)) {
      out.push_back(*options_.unk);
    }
    after_unknown = is_unknown;
  }
}

void Bpe::merge_short(std::vector<int32_t>& ids, size_t first) const {
  constexpr MergeTable::Merge kNever{UINT32_MAX, -1};
  std::array<MergeTable::Merge, kShortPiece> pairs;  // pairs[i]: ids i and i + 1
  int32_t* const piece = ids.data() + first;
  size_t count = ids.size() - first;
  const auto pair_at = [&](size_t i) {
    const auto* merge = merges_.find(piece[i], piece[i + 1]);
    return merge != nullptr ? *merge : kNever;
  };
  for (size_t i = 0; i + 1 < count; ++i) {
    pairs[i] = pair_at(i);
  }
  while (count > 1) {
    size_t best = 0;
    for (size_t i = 1; i + 1 < count; ++i) {
      best = pairs[i].rank < pairs[best].rank ? i : best;
    }
    if (pairs[best].rank == UINT32_MAX) {
      break;
    }
    piece[best] = pairs[best].id;
    std::copy(piece + best + 2, piece + count, piece + best + 1);
    std::copy(pairs.begin() + static_cast<ptrdiff_t>(best) + 1,
              pairs.begin() + static_cast<ptrdiff_t>(count) - 1,
              pairs.begin() + static_cast<ptrdiff_t>(best));
    --count;
    if (best + 1 < count) {
      pairs[best] = pair_at(best);
    }
    if (best > 0) {
      pairs[best - 1] = pair_at(best - 1);
    }
  }
  ids.resize(first + count);
}

void Bpe::merge_long(std::vector<int32_t>& ids, size_t first) const {
  constexpr uint32_t kNone = UINT32_MAX;
  struct Link {
    uint32_t previous;
    uint32_t next;
  };
  int32_t* const piece = ids.data() + first;
  const auto count = static_cast<uint32_t>(ids.size() - first);
  std::vector<Link> links(count);
  for (uint32_t i = 0; i < count; ++i) {
    links[i] = {i == 0 ? kNone : i - 1, i + 1 == count ? kNone : i + 1};
  }
  const auto merge_at = [&](uint32_t i) -> const MergeTable::Merge* {
    const uint32_t next = links[i].next;
    return next == kNone ? nullptr : merges_.find(piece[i], piece[next]);
  };
  // Rank and place in one number: the least is the next to merge.
  std::vector<uint64_t> heap;
  heap.reserve(count);
  const auto key = [](uint32_t rank, uint32_t place) { return uint64_t{rank} << 32 | place; };
  for (uint32_t i = 0; i < count; ++i) {
    if (const auto* merge = merge_at(i)) {
      heap.push_back(key(merge->rank, i));
    }
  }
  std::make_heap(heap.begin(), heap.end(), std::greater<>());
  const auto push = [&](uint32_t i) {
    if (const auto* merge = merge_at(i)) {
      heap.push_back(key(merge->rank, i));
      std::push_heap(heap.begin(), heap.end(), std::greater<>());
    }
  };
  while (!heap.empty()) {
    const uint64_t top = heap.front();
    std::pop_heap(heap.begin(), heap.end(), std::greater<>());
    heap.pop_back();
    const auto at = static_cast<uint32_t>(top);
    // An entry is stale once its pair has changed; ids below 0 are merged away.
    const auto* merge = piece[at] < 0 ? nullptr : merge_at(at);
    if (merge == nullptr || merge->rank != static_cast<uint32_t>(top >> 32)) {
      continue;
    }
    const uint32_t gone = links[at].next;
    piece[at] = merge->id;
    piece[gone] = -1;
    links[at].next = links[gone].next;
    if (links[gone].next != kNone) {
      links[links[gone].next].previous = at;
    }
    if (links[at].previous != kNone) {
      push(links[at].previous);
    }
    push(at);
  }
  ids.erase(std::remove(ids.begin() + static_cast<ptrdiff_t>(first), ids.end(), -1), ids.end());
}

}  // namespace pio::text
