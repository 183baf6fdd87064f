// SPDX-License-Identifier: Apache-2.0
// A paged cache for kernel tests: pages in shuffled order, every unused slot NaN, every page table
// entry that a kernel has no business with far out of bounds.
#pragma once

#include "pio/kernels/kernel_test_support.h"
#include "pio/kernels/params.h"
#include "pio/kernels/reference/kv_slot.h"

namespace pio::kernels::testing_support {

struct CacheShape {
  KvType type;
  int64_t kv_heads, head_dim, value_dim;
};

/// Rows of a batch: (sequence, position) each.
using BatchRows = std::vector<std::pair<int32_t, int32_t>>;

class Cache {
 public:
  /// Holds for every sequence positions [first_needed, last position] of `rows`, filled with random
  /// keys and values; window as in AttentionParams.
  Cache(const CacheShape& shape, BatchRows rows, int64_t window = 0) : shape_(shape) {
    int32_t last = 0;
    int32_t sequences = 0;
    for (const auto& [sequence, position] : rows) {
      positions_.push_back(position);
      sequence_.push_back(sequence);
      last = std::max(last, position);
      sequences = std::max(sequences, sequence + 1);
    }
    table_stride_ = last / kPageSize + 3;
    tables_.assign(static_cast<size_t>(sequences * table_stride_), kBadPage);
    std::vector<std::pair<int32_t, int32_t>> range(static_cast<size_t>(sequences), {INT32_MAX, -1});
    for (const auto& [sequence, position] : rows) {
      auto& [first, end] = range[static_cast<size_t>(sequence)];
      const int64_t begin = window > 0 ? std::max<int64_t>(0, position - window + 1) : 0;
      first = std::min(first, static_cast<int32_t>(begin));
      end = std::max(end, position);
    }
    allocate(range);
    fill(range);
  }

  [[nodiscard]] KvView view() { return view(bytes_.data()); }
  /// The same tables over other pages.
  [[nodiscard]] KvView view(std::byte* pages) const {
    return {.pages = pages,
            .page_bytes = page_bytes(),
            .type = shape_.type,
            .kv_heads = shape_.kv_heads,
            .head_dim = shape_.head_dim,
            .value_dim = shape_.value_dim,
            .page_tables = tables_.data(),
            .table_stride = table_stride_,
            .positions = positions_.data(),
            .sequence = sequence_.data()};
  }
  [[nodiscard]] const std::vector<std::byte>& bytes() const { return bytes_; }

  /// Element i of the key (or value) of a KV head at a position.
  [[nodiscard]] float key(int32_t sequence, int64_t position, int64_t head, int64_t i) {
    return kv_slot(view(), sequence, position, head).key(i);
  }
  [[nodiscard]] float value(int32_t sequence, int64_t position, int64_t head, int64_t i) {
    return kv_slot(view(), sequence, position, head).value(i);
  }

 private:
  static constexpr int32_t kBadPage = 1 << 30;

  [[nodiscard]] int64_t page_bytes() const {
    return kv_page_bytes(shape_.type, shape_.kv_heads, shape_.head_dim, shape_.value_dim) + 64;
  }
  void allocate(const std::vector<std::pair<int32_t, int32_t>>& range) {
    std::vector<size_t> used;
    for (size_t s = 0; s < range.size(); ++s) {
      for (int64_t page = range[s].first / kPageSize; page <= range[s].second / kPageSize; ++page) {
        used.push_back(s * static_cast<size_t>(table_stride_) + static_cast<size_t>(page));
      }
    }
    std::shuffle(used.begin(), used.end(), random_);
    for (size_t i = 0; i < used.size(); ++i) {
      tables_[used[i]] = static_cast<int32_t>(i);
    }
    // All ones is a NaN in f32, in f16 and as a scale.
    bytes_.assign(used.size() * static_cast<size_t>(page_bytes()), std::byte{0xff});
  }

  void fill(const std::vector<std::pair<int32_t, int32_t>>& range) {
    std::normal_distribution<float> normal(0.0f, 1.0f);
    const auto random = [&](std::vector<float>& x) {
      std::generate(x.begin(), x.end(), [&] { return normal(random_); });
    };
    std::vector<float> k(static_cast<size_t>(shape_.head_dim));
    std::vector<float> v(static_cast<size_t>(shape_.value_dim));
    for (size_t s = 0; s < range.size(); ++s) {
      for (int64_t position = range[s].first; position <= range[s].second; ++position) {
        for (int64_t head = 0; head < shape_.kv_heads; ++head) {
          random(k);
          random(v);
          const KvSlot slot = kv_slot(view(), static_cast<int32_t>(s), position, head);
          slot.set_key(k.data());
          slot.set_value(v.data());
        }
      }
    }
  }

  CacheShape shape_;
  std::mt19937 random_{11};
  int64_t table_stride_ = 0;
  std::vector<int32_t> tables_, positions_, sequence_;
  std::vector<std::byte> bytes_;
};

}  // namespace pio::kernels::testing_support
