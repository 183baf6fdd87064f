// SPDX-License-Identifier: Apache-2.0
// Where the keys and values of one page of the paged KV cache lie, in each number format.
#pragma once

#include <cstdint>

namespace pio::kernels {

/// Number format of cached keys and values. kQ8: s8 in blocks of 32 dims of one position and one head
/// (the last block of a head may be shorter), each with its f32 scale, rounded as quant_rows rounds.
enum class KvType : uint8_t { kF32, kF16, kQ8 };

/// Positions in one page of the KV cache.
inline constexpr int64_t kPageSize = 16;

/// Dims that share a scale under KvType::kQ8.
inline constexpr int64_t kKvBlock = 32;

/// Byte offsets in one KV head's part of a page. K lies first, as [head_dim][16]; then V as [16][value_dim].
/// Under kQ8 the scales follow: of K as [blocks of head_dim][16], of V as [16][blocks of value_dim].
struct KvHeadLayout {
  int64_t values;
  int64_t key_scales, value_scales;  ///< kQ8 only
  int64_t bytes;                     ///< of the whole part; a multiple of 16
};

/// Scales of one key or value of `dim` elements under kQ8.
[[nodiscard, gnu::always_inline]] constexpr int64_t kv_blocks(int64_t dim) noexcept {
  return (dim + kKvBlock - 1) / kKvBlock;
}

/// Bytes of one cached element, scales apart.
[[nodiscard, gnu::always_inline]] constexpr int64_t kv_element_bytes(KvType type) noexcept {
  return type == KvType::kF32 ? 4 : type == KvType::kF16 ? 2 : 1;
}

[[nodiscard, gnu::always_inline]] constexpr KvHeadLayout kv_head_layout(KvType type, int64_t head_dim,
                                                                        int64_t value_dim) noexcept {
  const int64_t scale = type == KvType::kQ8 ? 4 : 0;
  KvHeadLayout out{};
  out.values = kPageSize * head_dim * kv_element_bytes(type);
  out.key_scales = out.values + kPageSize * value_dim * kv_element_bytes(type);
  out.value_scales = out.key_scales + kPageSize * kv_blocks(head_dim) * scale;
  out.bytes = out.value_scales + kPageSize * kv_blocks(value_dim) * scale;
  return out;
}

/// Bytes of one page of one layer.
[[nodiscard]] constexpr int64_t kv_page_bytes(KvType type, int64_t kv_heads, int64_t head_dim,
                                              int64_t value_dim) noexcept {
  return kv_heads * kv_head_layout(type, head_dim, value_dim).bytes;
}

}  // namespace pio::kernels
