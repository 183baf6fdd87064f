// SPDX-License-Identifier: Apache-2.0
#include "pio/text/string_table.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "pio/base/error.h"

namespace pio::text {
namespace {

constexpr size_t kMaxProbes = 1024;  // tens at most in an honest vocabulary

}  // namespace

uint64_t hash_bytes(std::string_view bytes) noexcept {
  constexpr uint64_t kMultiplier = 0x9E3779B97F4A7C15u;
  uint64_t hash = bytes.size() * kMultiplier;
  for (size_t at = 0; at < bytes.size(); at += 8) {
    uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, std::min<size_t>(8, bytes.size() - at));
    hash = std::rotl((hash ^ word) * kMultiplier, 29);
  }
  hash ^= hash >> 32;
  hash *= kMultiplier;
  return hash ^ (hash >> 29);
}

void StringTable::reserve(size_t count, size_t total_bytes) {
  arena_.reserve(total_bytes);
  entries_.reserve(count);
  const size_t wanted = std::bit_ceil(count * 2 + 1);
  if (wanted > slots_.size()) {
    grow(wanted);
  }
}

size_t StringTable::slot_of(std::string_view wanted, uint32_t hash) const noexcept {
  const size_t mask = slots_.size() - 1;
  for (size_t at = hash & mask;; at = (at + 1) & mask) {
    const auto slot = slots_[at];
    if (slot.number == 0 || (slot.hash == hash && text(slot.number - 1) == wanted)) {
      return at;
    }
  }
}

void StringTable::grow(size_t slot_count) {
  const auto old = std::move(slots_);
  slots_.assign(slot_count, Slot{});
  const size_t mask = slot_count - 1;
  for (const auto slot : old) {
    if (slot.number != 0) {
      size_t at = slot.hash & mask;
      while (slots_[at].number != 0) {
        at = (at + 1) & mask;
      }
      slots_[at] = slot;
    }
  }
}

bool StringTable::insert(std::string_view added, int32_t value) {
  if ((entries_.size() + 1) * 2 > slots_.size()) {
    grow(std::max<size_t>(16, slots_.size() * 2));
  }
  const auto hash = static_cast<uint32_t>(hash_bytes(added));
  const size_t at = slot_of(added, hash);
  if (slots_[at].number != 0) {
    return false;
  }
  if (((at - hash) & (slots_.size() - 1)) > kMaxProbes) {
    fail(ErrorCode::kBadFile, "tokens made to collide in a hash table");
  }
  if (arena_.size() + added.size() > UINT32_MAX) {
    fail(ErrorCode::kBadFile, "more than 4 GiB of tokens");
  }
  entries_.push_back(
      {static_cast<uint32_t>(arena_.size()), static_cast<uint32_t>(added.size()), value});
  arena_.append(added);
  slots_[at] = {hash, static_cast<uint32_t>(entries_.size())};
  return true;
}

uint32_t StringTable::start_find(std::string_view wanted) const noexcept {
  const auto hash = static_cast<uint32_t>(hash_bytes(wanted));
  if (!slots_.empty()) {
    __builtin_prefetch(&slots_[hash & (slots_.size() - 1)]);
  }
  return hash;
}

void StringTable::continue_find(uint32_t hash) const noexcept {
  if (!slots_.empty()) {
    const auto slot = slots_[hash & (slots_.size() - 1)];
    if (slot.number != 0) {
      __builtin_prefetch(&entries_[slot.number - 1]);
    }
  }
}

std::optional<int32_t> StringTable::find(std::string_view wanted, uint32_t hash) const noexcept {
  if (slots_.empty()) {
    return std::nullopt;
  }
  const uint32_t number = slots_[slot_of(wanted, hash)].number;
  return number == 0 ? std::nullopt : std::optional(entries_[number - 1].value);
}

}  // namespace pio::text
