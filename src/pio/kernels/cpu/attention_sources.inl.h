// SPDX-License-Identifier: Apache-2.0
// Where attention's keys and values come from, a paged cache or dense tensors. Included once per
// instruction set, after attention.inl.h.
#pragma once

#include "pio/kernels/cpu/attention.inl.h"

namespace pio::kernels {
namespace {

/// f32 copies of a chunk: keys [head_dim][64], then values [64][padded value_dim].
[[gnu::always_inline]] inline Chunk<float> widened_chunk(const AttentionRule& rule,
                                                         float* buffer) noexcept {
  Chunk<float> out{};
  for (int64_t v = 0; v < kVectorsInChunk; ++v) {
    out.key[v] = buffer + 16 * v;
    out.value[v] = nullptr;
    out.next[v] = nullptr;
  }
  out.value[0] = buffer + kKeyChunk * rule.head_dim;
  out.key_stride = kKeyChunk;
  out.value_stride = rule.padded();
  out.run = kKeyChunk;
  return out;
}

/// One value row, its last vector filled up with zeros.
template <class T>
[[gnu::always_inline]] inline void copy_value(const AttentionRule& rule, const T* from,
                                              float* to) noexcept {
  const int64_t value_dim = rule.value_dim;
  int64_t i = 0;
  for (; i + 16 <= value_dim; i += 16) {
    store(to + i, load(from + i));
  }
  if (i < value_dim) {
    store(to + i, load_part(from + i, value_dim - i));
  }
}

/// One KV head of one sequence.
struct PagedSource {
  const AttentionRule& rule;
  const int32_t* table;
  const std::byte* pages;  ///< of the KV head
  int64_t page_bytes;
  KvType type;
  KvHeadLayout layout;

  [[nodiscard]] bool is_compact() const noexcept { return type != KvType::kF32; }

  [[nodiscard]] const std::byte* part(int64_t position) const noexcept {
    return pages + table[position / kPageSize] * page_bytes;
  }
  template <class T>
  [[nodiscard]] const T* page(int64_t position) const noexcept {
    return reinterpret_cast<const T*>(part(position));
  }

  template <class T>
  [[nodiscard]] Chunk<T> pages_of(const KeyRange& keys) const noexcept {
    Chunk<T> out{};
    for (int64_t v = keys.lo / kPageSize; v * kPageSize < keys.hi; ++v) {
      const int64_t position = keys.base + v * kPageSize;
      out.key[v] = page<T>(position);
      out.value[v] = out.key[v] + kPageSize * rule.head_dim;
      out.next[v] = position + kKeyChunk < keys.end ? page<T>(position + kKeyChunk) : out.key[v];
    }
    out.key_stride = kPageSize;
    out.value_stride = rule.value_dim;
    out.run = kPageSize;
    if constexpr (sizeof(T) == 1) {
      for (int64_t v = keys.lo / kPageSize; v * kPageSize < keys.hi; ++v) {
        const std::byte* head = part(keys.base + v * kPageSize);
        out.key_scale[v] = reinterpret_cast<const float*>(head + layout.key_scales);
        out.value_scale[v] = reinterpret_cast<const float*>(head + layout.value_scales);
      }
      out.value_blocks = kv_blocks(rule.value_dim);
    }
    return out;
  }

  template <class T>
  void widen(const Chunk<T>& from, int64_t lo, int64_t hi, float* buffer) const noexcept {
    const int64_t head_dim = rule.head_dim;
    for (int64_t v = lo / kPageSize; v * kPageSize < hi; ++v) {
      const T* key = from.key[v];
      float* to = buffer + 16 * v;
      for (int64_t i = 0; i < head_dim; ++i) {
        store(to + i * kKeyChunk, load(key + i * kPageSize));
      }
    }
    float* values = buffer + kKeyChunk * head_dim;
    for (int64_t j = lo; j < hi; ++j) {
      copy_value(rule, from.value[j / kPageSize] + j % kPageSize * rule.value_dim,
                 values + j * rule.padded());
    }
  }

  /// One value of 8-bit codes, its last vector filled up with zeros.
  void widen_value(const int8_t* from, const float* scales, float* to) const noexcept {
    int64_t i = 0;
    for (; i + 16 <= rule.value_dim; i += 16) {
      store(to + i, mul(load(from + i), broadcast(scales[i / kKvBlock])));
    }
    if (i < rule.value_dim) {
      const int64_t n = rule.value_dim - i;
      store(to + i, mul(load_part(from + i, n), broadcast(scales[i / kKvBlock])));
    }
  }

  void widen(const Chunk<int8_t>& from, int64_t lo, int64_t hi, float* buffer) const noexcept {
    const int64_t head_dim = rule.head_dim;
    for (int64_t v = lo / kPageSize; v * kPageSize < hi; ++v) {
      for (int64_t i = 0; i < head_dim; ++i) {
        const V16 scale = load(from.key_scale[v] + i / kKvBlock * kPageSize);
        store(buffer + 16 * v + i * kKeyChunk, mul(load(from.key[v] + i * kPageSize), scale));
      }
    }
    float* values = buffer + kKeyChunk * head_dim;
    for (int64_t j = lo; j < hi; ++j) {
      const int64_t v = j / kPageSize;
      const int64_t row = j % kPageSize;
      widen_value(from.value[v] + row * rule.value_dim,
                  from.value_scale[v] + row * from.value_blocks, values + j * rule.padded());
    }
  }

  template <class T, class Body>
  void for_chunk_of(const KeyRange& keys, float* buffer, const Body& body) const noexcept {
    const Chunk<T> chunk = pages_of<T>(keys);
    if (buffer == nullptr) {
      return body(chunk);
    }
    widen(chunk, keys.lo, keys.hi, buffer);
    body(widened_chunk(rule, buffer));
  }

  template <class Body>
  void for_chunk(const KeyRange& keys, float* buffer, const Body& body) const noexcept {
    if (type == KvType::kQ8) {
      for_chunk_of<int8_t>(keys, buffer, body);
    } else if (type == KvType::kF16) {
      for_chunk_of<uint16_t>(keys, buffer, body);
    } else {
      for_chunk_of<float>(keys, buffer, body);
    }
  }
};

/// One KV head of one batch entry: key j at k + j * k_stride.
struct DenseSource {
  const AttentionRule& rule;
  const float* k;
  const float* v;
  int64_t k_stride, v_stride;

  [[nodiscard]] static bool is_compact() noexcept { return false; }

  template <class Body>
  void for_chunk(const KeyRange& keys, float* buffer, const Body& body) const noexcept {
    float* values = buffer + kKeyChunk * rule.head_dim;
    for (int64_t j = keys.lo; j < keys.hi; ++j) {
      const float* key = k + (keys.base + j) * k_stride;
      for (int64_t i = 0; i < rule.head_dim; ++i) {
        buffer[i * kKeyChunk + j] = key[i];
      }
      copy_value(rule, v + (keys.base + j) * v_stride, values + j * rule.padded());
    }
    body(widened_chunk(rule, buffer));
  }
};

}  // namespace
}  // namespace pio::kernels
