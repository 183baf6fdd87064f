// SPDX-License-Identifier: Apache-2.0
// Rotary embedding and stores to the paged cache, the arithmetic of reference/rope.cpp. Included
// once per instruction set, after its simd16_<isa>.h.
#pragma once

#include "pio/kernels/cpu/norm.inl.h"
#include "pio/kernels/kernels.h"

namespace pio::kernels {
namespace {

/// (a, b) turned by the angle of (c, s).
[[gnu::always_inline]] inline void turn(V16& a, V16& b, V16 c, V16 s) noexcept {
  const V16 first = fms(a, c, mul(b, s));
  b = fma(b, c, mul(a, s));
  a = first;
}

/// Pairs (i, i + half).
[[gnu::always_inline]] inline void turn_halves(const float* x, const float* cosines,
                                               const float* sines, int64_t half,
                                               float* out) noexcept {
  int64_t i = 0;
  for (; i + 16 <= half; i += 16) {
    V16 a = load(x + i);
    V16 b = load(x + half + i);
    turn(a, b, load(cosines + i), load(sines + i));
    store(out + i, a);
    store(out + half + i, b);
  }
  if (i < half) {
    const int64_t n = half - i;
    V16 a = load_part(x + i, n);
    V16 b = load_part(x + half + i, n);
    turn(a, b, load_part(cosines + i, n), load_part(sines + i, n));
    store_part(out + i, a, n);
    store_part(out + half + i, b, n);
  }
}

/// Pairs (2i, 2i + 1).
[[gnu::always_inline]] inline void turn_neighbours(const float* x, const float* cosines,
                                                   const float* sines, int64_t half,
                                                   float* out) noexcept {
  for (int64_t i = 0; i < half; i += 16) {
    const int64_t n = half - i < 16 ? half - i : 16;
    const int64_t low_n = 2 * n < 16 ? 2 * n : 16;
    V16 low = load_part(x + 2 * i, low_n);
    V16 high = load_part(x + 2 * i + 16, 2 * n - low_n);
    V16 a;
    V16 b;
    split_pairs(low, high, a, b);
    turn(a, b, load_part(cosines + i, n), load_part(sines + i, n));
    join_pairs(a, b, low, high);
    store_part(out + 2 * i, low, low_n);
    store_part(out + 2 * i + 16, high, 2 * n - low_n);
  }
}

/// One row of `heads` heads, each normed first where there is a norm.
void turn_row(const RopeParams& p, int64_t row, int64_t heads, const float* x,
              float* out) noexcept {
  const float* cosines = p.table + row * 2 * p.half;
  const float* sines = cosines + p.half;
  alignas(64) float normed[kMaxHeadDim];
  for (int64_t h = 0; h < heads; ++h, x += p.head_dim, out += p.head_dim) {
    const float* head = x;
    if (p.norm != nullptr) {
      norm_row(x, p.norm, p.eps, p.head_dim, normed);
      head = normed;
    }
    if (p.interleaved) {
      turn_neighbours(head, cosines, sines, p.half, out);
    } else {
      turn_halves(head, cosines, sines, p.half, out);
    }
    for (int64_t i = 2 * p.half; i < p.head_dim; i += 16) {
      const int64_t n = p.head_dim - i < 16 ? p.head_dim - i : 16;
      store_part(out + i, load_part(head + i, n), n);
    }
  }
}

void rope_rows(const RopeParams& p, int64_t begin, int64_t end) noexcept {
  for (int64_t r = begin; r < end; ++r) {
    turn_row(p, r, p.heads, p.x + r * p.x_stride, p.out + r * p.out_stride);
  }
}

/// Where a row of the batch lies in the cache.
struct CacheSlot {
  std::byte* page;
  int64_t slot;
  KvHeadLayout layout;
};

[[gnu::always_inline]] inline CacheSlot cache_slot(const KvView& kv, int64_t row) noexcept {
  const int64_t position = kv.positions[row];
  const int32_t* table = kv.page_tables + kv.sequence[row] * kv.table_stride;
  return {.page = kv.pages + table[position / kPageSize] * kv.page_bytes,
          .slot = position % kPageSize,
          .layout = kv_head_layout(kv.type, kv.head_dim, kv.value_dim)};
}

/// A key's dims go 16 elements apart, so they pass through a buffer of the cache's type.
template <class T>
[[gnu::always_inline]] inline void store_key(std::byte* head, const CacheSlot& at, const float* k,
                                             int64_t dim) noexcept {
  T* out = reinterpret_cast<T*>(head) + at.slot;
  alignas(64) T rounded[16];
  for (int64_t i = 0; i < dim; i += 16) {
    const int64_t n = dim - i < 16 ? dim - i : 16;
    store(rounded, load_part(k + i, n));
    for (int64_t j = 0; j < n; ++j) {
      out[(i + j) * kPageSize] = rounded[j];
    }
  }
}

template <class T>
[[gnu::always_inline]] inline void store_value(std::byte* head, const CacheSlot& at, const float* v,
                                               int64_t dim) noexcept {
  T* out = reinterpret_cast<T*>(head + at.layout.values) + at.slot * dim;
  for (int64_t i = 0; i < dim; i += 16) {
    const int64_t n = dim - i < 16 ? dim - i : 16;
    store_part(out + i, load_part(v + i, n), n);
  }
}

/// `count` of 32 values as s8 into q: [32]; the scale they share.
[[gnu::always_inline]] inline float quant_kv_block(const float* x, int64_t count, std::byte* q) noexcept {
  ActivationBlock facts;
  const V16 low = load_part(x, count < 16 ? count : 16);
  const V16 high = count > 16 ? load_part(x + 16, count - 16) : broadcast(0.0f);
  quant_block(low, high, q, reinterpret_cast<std::byte*>(&facts));
  return facts.scale;
}

template <>
[[gnu::always_inline]] inline void store_key<int8_t>(std::byte* head, const CacheSlot& at, const float* k,
                                                     int64_t dim) noexcept {
  auto* scales = reinterpret_cast<float*>(head + at.layout.key_scales) + at.slot;
  alignas(64) std::byte q[kKvBlock];
  for (int64_t i = 0; i < dim; i += kKvBlock) {
    const int64_t n = dim - i < kKvBlock ? dim - i : kKvBlock;
    scales[i / kKvBlock * kPageSize] = quant_kv_block(k + i, n, q);
    for (int64_t j = 0; j < n; ++j) {
      head[(i + j) * kPageSize + at.slot] = q[j];
    }
  }
}

template <>
[[gnu::always_inline]] inline void store_value<int8_t>(std::byte* head, const CacheSlot& at,
                                                       const float* v, int64_t dim) noexcept {
  auto* scales = reinterpret_cast<float*>(head + at.layout.value_scales) + at.slot * kv_blocks(dim);
  alignas(64) std::byte q[kKvBlock];
  for (int64_t i = 0; i < dim; i += kKvBlock) {
    const int64_t n = dim - i < kKvBlock ? dim - i : kKvBlock;
    scales[i / kKvBlock] = quant_kv_block(v + i, n, q);
    std::byte* out = head + at.layout.values + at.slot * dim + i;
    for (int64_t j = 0; j < n; ++j) {
      out[j] = q[j];
    }
  }
}

template <class T>
void kv_write_rows_of(const KvWriteParams& p, int64_t begin, int64_t end) noexcept {
  for (int64_t r = begin; r < end; ++r) {
    const CacheSlot at = cache_slot(p.kv, r);
    for (int64_t h = 0; h < p.kv.kv_heads; ++h) {
      std::byte* head = at.page + h * at.layout.bytes;
      store_key<T>(head, at, p.k + r * p.k_stride + h * p.kv.head_dim, p.kv.head_dim);
      store_value<T>(head, at, p.v + r * p.v_stride + h * p.kv.value_dim, p.kv.value_dim);
    }
  }
}

void kv_write_rows(const KvWriteParams& p, int64_t begin, int64_t end) noexcept {
  switch (p.kv.type) {
    case KvType::kF32:
      return kv_write_rows_of<float>(p, begin, end);
    case KvType::kF16:
      return kv_write_rows_of<uint16_t>(p, begin, end);
    case KvType::kQ8:
      return kv_write_rows_of<int8_t>(p, begin, end);
  }
}

template <class T>
void rope_kv_rows_of(const RopeKvParams& p, int64_t begin, int64_t end) noexcept {
  alignas(64) float turned[kMaxHeadDim];
  for (int64_t r = begin; r < end; ++r) {
    turn_row(p.q, r, p.q.heads, p.q.x + r * p.q.x_stride, p.q.out + r * p.q.out_stride);
    const CacheSlot at = cache_slot(p.kv, r);
    for (int64_t h = 0; h < p.kv.kv_heads; ++h) {
      std::byte* head = at.page + h * at.layout.bytes;
      turn_row(p.k, r, 1, p.k.x + r * p.k.x_stride + h * p.k.head_dim, turned);
      store_key<T>(head, at, turned, p.kv.head_dim);
      store_value<T>(head, at, p.v + r * p.v_stride + h * p.kv.value_dim, p.kv.value_dim);
    }
  }
}

void rope_kv_rows(const RopeKvParams& p, int64_t begin, int64_t end) noexcept {
  switch (p.kv.type) {
    case KvType::kF32:
      return rope_kv_rows_of<float>(p, begin, end);
    case KvType::kF16:
      return rope_kv_rows_of<uint16_t>(p, begin, end);
    case KvType::kQ8:
      return rope_kv_rows_of<int8_t>(p, begin, end);
  }
}

}  // namespace
}  // namespace pio::kernels
