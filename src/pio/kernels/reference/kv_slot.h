// SPDX-License-Identifier: Apache-2.0
// One position of one KV head in the paged cache, element by element: what the layouts mean.
#pragma once

#include "pio/kernels/params.h"

namespace pio::kernels {

/// Reads and writes one position of one KV head.
struct KvSlot {
  std::byte* head;  ///< the head's part of the page
  int64_t slot;     ///< position in the page
  KvType type;
  int64_t head_dim, value_dim;

  /// Rounds k: [head_dim] to the cache's type and stores it.
  void set_key(const float* k) const noexcept;
  /// Rounds v: [value_dim] to the cache's type and stores it.
  void set_value(const float* v) const noexcept;

  [[nodiscard]] float key(int64_t i) const noexcept;
  [[nodiscard]] float value(int64_t i) const noexcept;
};

[[nodiscard]] KvSlot kv_slot(const KvView& kv, int32_t sequence, int64_t position, int64_t head) noexcept;

/// Where row `row` of the batch is cached.
[[nodiscard]] KvSlot kv_slot(const KvView& kv, int64_t row, int64_t head) noexcept;

}  // namespace pio::kernels
