// SPDX-License-Identifier: Apache-2.0
// The register tile of attention: up to six rows by up to four vectors of sixteen lanes, for scores
// (keys in the lanes) and for values (value dims in the lanes). Included once per instruction set,
// after its simd16_<isa>.h.
#pragma once

#include "pio/kernels/params.h"

namespace pio::kernels {
namespace {

constexpr int kTileQueries = 6;
constexpr int64_t kVectorsInChunk = kKeyChunk / 16;

/// c[r] (+)= sum over i < n of a[r][i] * b[i], in order of i: a tile of rows by 16-lane vectors.
template <class T>
struct Product {
  const float* a[kTileQueries];
  const T* b[kVectorsInChunk];
  int64_t b_stride, n;
  const float* scale[kVectorsInChunk];  ///< 8-bit codes only, see widened()
  int64_t scale_stride;
  int64_t ahead_bytes;  ///< not f32: from a b in use to what should be fetched at the same time
  float* c[kTileQueries];
};

/// b[i] of vector v as f32. Codes of keys take a vector of scales per kKvBlock dims i, those of
/// values one scale per key i.
template <bool kFresh, class T>
[[gnu::always_inline]] inline V16 widened(const T* b, const float* /*scale*/, int64_t /*i*/,
                                          int64_t /*scale_stride*/) noexcept {
  return load(b);
}
template <bool kFresh>
[[gnu::always_inline]] inline V16 widened(const int8_t* b, const float* scale, int64_t i,
                                          int64_t scale_stride) noexcept {
  return mul(load(b), kFresh ? load(scale + i / kKvBlock * kPageSize)
                             : broadcast(scale[i * scale_stride]));
}

template <class T, bool kFresh, int kRows, int kVectors>
void multiply(const Product<T>& m) noexcept {
  V16 sums[kRows][kVectors];
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) {
      sums[r][v] = kFresh ? broadcast(0.0f) : load(m.c[r] + 16 * v);
    }
  }
  const float* a[kRows];
  const T* b[kVectors];
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
    a[r] = m.a[r];
  }
#pragma GCC unroll 8
  for (int v = 0; v < kVectors; ++v) {
    b[v] = m.b[v];
  }
  const float* scale[kVectors];
#pragma GCC unroll 8
  for (int v = 0; v < kVectors; ++v) {
    scale[v] = m.scale[v];
  }
  const int64_t scale_stride = m.scale_stride;
  const int64_t stride = m.b_stride;
  const int64_t n = m.n;
  const int64_t ahead = m.ahead_bytes;
  for (int64_t i = 0, at = 0; i < n; ++i, at += stride) {
    V16 x[kVectors];
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) {
      x[v] = widened<kFresh>(b[v] + at, scale[v], i, scale_stride);
      if constexpr (sizeof(T) < sizeof(float)) {
        _mm_prefetch(reinterpret_cast<const char*>(b[v] + at) + ahead, _MM_HINT_T0);
      }
    }
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      const V16 y = broadcast(a[r][i]);
#pragma GCC unroll 8
      for (int v = 0; v < kVectors; ++v) {
        sums[r][v] = fma(y, x[v], sums[r][v]);
      }
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) {
      store(m.c[r] + 16 * v, sums[r][v]);
    }
  }
}

template <class T, bool kFresh, int kVectors>
void multiply_rows(const Product<T>& m, int rows) noexcept {
  switch (rows) {
    case 1:
      return multiply<T, kFresh, 1, kVectors>(m);
    case 2:
      return multiply<T, kFresh, 2, kVectors>(m);
    case 3:
      return multiply<T, kFresh, 3, kVectors>(m);
    case 4:
      return multiply<T, kFresh, 4, kVectors>(m);
    case 5:
      return multiply<T, kFresh, 5, kVectors>(m);
    default:
      return multiply<T, kFresh, 6, kVectors>(m);
  }
}

template <class T, bool kFresh>
void multiply_any(const Product<T>& m, int rows, int64_t vectors) noexcept {
  if constexpr (kTileVectors >= 4) {
    switch (vectors) {
      case 4:
        return multiply_rows<T, kFresh, 4>(m, rows);
      case 3:
        return multiply_rows<T, kFresh, 3>(m, rows);
      case 2:
        return multiply_rows<T, kFresh, 2>(m, rows);
      default:
        break;
    }
  }
  multiply_rows<T, kFresh, 1>(m, rows);
}

}  // namespace
}  // namespace pio::kernels
