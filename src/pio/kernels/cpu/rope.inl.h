// SPDX-License-Identifier: Apache-2.0
// Rotary embedding and stores to the paged cache, the arithmetic of reference/rope.cpp. Included
// once per instruction set, after its simd16_<isa>.h.
#pragma once

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

/// One row of `heads` heads.
void turn_row(const RopeParams& p, int64_t row, int64_t heads, const float* x,
              float* out) noexcept {
  const float* cosines = p.table + row * 2 * p.half;
  const float* sines = cosines + p.half;
  for (int64_t h = 0; h < heads; ++h, x += p.head_dim, out += p.head_dim) {
    if (p.interleaved) {
      turn_neighbours(x, cosines, sines, p.half, out);
    } else {
      turn_halves(x, cosines, sines, p.half, out);
    }
    for (int64_t i = 2 * p.half; i < p.head_dim; i += 16) {
      const int64_t n = p.head_dim - i < 16 ? p.head_dim - i : 16;
      store_part(out + i, load_part(x + i, n), n);
    }
  }
}

void rope_rows(const RopeParams& p, int64_t begin, int64_t end) noexcept {
  for (int64_t r = begin; r < end; ++r) {
    turn_row(p, r, p.heads, p.x + r * p.x_stride, p.out + r * p.out_stride);
  }
}

/// Where row `row` of the batch lies in the cache, element type T: KV head 0, slot included for
/// keys.
template <class T>
struct CacheSlot {
  T* head;  ///< keys of KV head 0
  int64_t slot;
  int64_t head_elements;
};

template <class T>
[[gnu::always_inline]] inline CacheSlot<T> cache_slot(const KvView& kv, int64_t row) noexcept {
  const int64_t position = kv.positions[row];
  const int32_t* table = kv.page_tables + kv.sequence[row] * kv.table_stride;
  std::byte* page = kv.pages + table[position / kPageSize] * kv.page_bytes;
  return {.head = reinterpret_cast<T*>(page),
          .slot = position % kPageSize,
          .head_elements = kPageSize * (kv.head_dim + kv.value_dim)};
}

/// A key's dims go 16 elements apart, so they pass through a buffer of the cache's type.
template <class T>
[[gnu::always_inline]] inline void store_key(const CacheSlot<T>& at, int64_t head, const float* k,
                                             int64_t dim) noexcept {
  T* out = at.head + head * at.head_elements + at.slot;
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
[[gnu::always_inline]] inline void store_value(const CacheSlot<T>& at, int64_t head, const float* v,
                                               const KvView& kv) noexcept {
  T* out = at.head + head * at.head_elements + kPageSize * kv.head_dim + at.slot * kv.value_dim;
  for (int64_t i = 0; i < kv.value_dim; i += 16) {
    const int64_t n = kv.value_dim - i < 16 ? kv.value_dim - i : 16;
    store_part(out + i, load_part(v + i, n), n);
  }
}

template <class T>
void kv_write_rows_of(const KvWriteParams& p, int64_t begin, int64_t end) noexcept {
  for (int64_t r = begin; r < end; ++r) {
    const CacheSlot<T> at = cache_slot<T>(p.kv, r);
    for (int64_t h = 0; h < p.kv.kv_heads; ++h) {
      store_key(at, h, p.k + r * p.k_stride + h * p.kv.head_dim, p.kv.head_dim);
      store_value(at, h, p.v + r * p.v_stride + h * p.kv.value_dim, p.kv);
    }
  }
}

void kv_write_rows(const KvWriteParams& p, int64_t begin, int64_t end) noexcept {
  if (p.kv.type == KvType::kF16) {
    kv_write_rows_of<uint16_t>(p, begin, end);
  } else {
    kv_write_rows_of<float>(p, begin, end);
  }
}

template <class T>
void rope_kv_rows_of(const RopeKvParams& p, int64_t begin, int64_t end) noexcept {
  constexpr int64_t kMaxHeadDim = 1024;
  alignas(64) float turned[kMaxHeadDim];
  for (int64_t r = begin; r < end; ++r) {
    turn_row(p.q, r, p.q.heads, p.q.x + r * p.q.x_stride, p.q.out + r * p.q.out_stride);
    const CacheSlot<T> at = cache_slot<T>(p.kv, r);
    for (int64_t h = 0; h < p.kv.kv_heads; ++h) {
      turn_row(p.k, r, 1, p.k.x + r * p.k.x_stride + h * p.k.head_dim, turned);
      store_key(at, h, turned, p.kv.head_dim);
      store_value(at, h, p.v + r * p.v_stride + h * p.kv.value_dim, p.kv);
    }
  }
}

void rope_kv_rows(const RopeKvParams& p, int64_t begin, int64_t end) noexcept {
  if (p.kv.type == KvType::kF16) {
    rope_kv_rows_of<uint16_t>(p, begin, end);
  } else {
    rope_kv_rows_of<float>(p, begin, end);
  }
}

}  // namespace
}  // namespace pio::kernels
