// SPDX-License-Identifier: Apache-2.0
// A paged cache for kernel tests: pages in shuffled order, every unused slot NaN, every page table
// entry that a kernel has no business with far out of bounds.
#pragma once

#include <limits>

#include "pio/base/half.h"
#include "pio/kernels/kernel_test_support.h"
#include "pio/kernels/params.h"

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
  [[nodiscard]] float key(int32_t sequence, int64_t position, int64_t head, int64_t i) const {
    return get(index(sequence, position, head) + i * kPageSize + position % kPageSize);
  }
  [[nodiscard]] float value(int32_t sequence, int64_t position, int64_t head, int64_t i) const {
    return get(index(sequence, position, head) + kPageSize * shape_.head_dim +
               position % kPageSize * shape_.value_dim + i);
  }

 private:
  static constexpr int32_t kBadPage = 1 << 30;

  [[nodiscard]] int64_t page_bytes() const {
    return kv_page_bytes(shape_.type, shape_.kv_heads, shape_.head_dim, shape_.value_dim) + 64;
  }
  [[nodiscard]] int64_t index(int32_t sequence, int64_t position, int64_t head) const {
    const int32_t page =
        tables_[static_cast<size_t>(sequence * table_stride_ + position / kPageSize)];
    return page * page_bytes() / kv_element_bytes(shape_.type) +
           head * kPageSize * (shape_.head_dim + shape_.value_dim);
  }
  [[nodiscard]] float get(int64_t at) const {
    return shape_.type == KvType::kF16
               ? f16_to_f32(reinterpret_cast<const uint16_t*>(bytes_.data())[at])
               : reinterpret_cast<const float*>(bytes_.data())[at];
  }
  void set(int64_t at, float value) {
    if (shape_.type == KvType::kF16) {
      reinterpret_cast<uint16_t*>(bytes_.data())[at] = f32_to_f16(value);
    } else {
      reinterpret_cast<float*>(bytes_.data())[at] = value;
    }
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
    bytes_.resize(used.size() * static_cast<size_t>(page_bytes()));
    for (size_t at = 0; at < bytes_.size() / static_cast<size_t>(kv_element_bytes(shape_.type));
         ++at) {
      set(static_cast<int64_t>(at), std::numeric_limits<float>::quiet_NaN());
    }
  }

  void fill(const std::vector<std::pair<int32_t, int32_t>>& range) {
    std::normal_distribution<float> normal(0.0f, 1.0f);
    for (size_t s = 0; s < range.size(); ++s) {
      for (int64_t position = range[s].first; position <= range[s].second; ++position) {
        for (int64_t head = 0; head < shape_.kv_heads; ++head) {
          const int64_t at = index(static_cast<int32_t>(s), position, head);
          for (int64_t i = 0; i < shape_.head_dim; ++i) {
            set(at + i * kPageSize + position % kPageSize, normal(random_));
          }
          for (int64_t i = 0; i < shape_.value_dim; ++i) {
            set(at + kPageSize * shape_.head_dim + position % kPageSize * shape_.value_dim + i,
                normal(random_));
          }
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
