// SPDX-License-Identifier: Apache-2.0
// The float matmul of one strip of 32 weight rows with a few rows of x: one lane per output, k in
// order, each product fused, so that every row count and instruction set gives the reference's
// bits.
#pragma once

#include <immintrin.h>

#include <utility>

#include "pio/kernels/cpu/matmul_pass.h"
#include "pio/kernels/params.h"

namespace pio::kernels {
namespace {

struct ElementF32 {
  static constexpr int64_t kBytes = 4;
  template <class S>
  [[gnu::always_inline]] static typename S::F load(const std::byte* from) noexcept {
    return S::load(reinterpret_cast<const float*>(from));
  }
};

struct ElementF16 {
  static constexpr int64_t kBytes = 2;
  template <class S>
  [[gnu::always_inline]] static typename S::F load(const std::byte* from) noexcept {
    return S::from_f16(from);
  }
};

struct ElementBF16 {
  static constexpr int64_t kBytes = 2;
  template <class S>
  [[gnu::always_inline]] static typename S::F load(const std::byte* from) noexcept {
    return S::from_bf16(from);
  }
};

template <class S, class Element>
struct FloatKernel {
  static constexpr int kMaxRows = S::kFloatRows;
  static constexpr int64_t kColumnBytes = 32 * Element::kBytes;
  static constexpr int64_t kPrefetchAhead = 4096;

  static int64_t strip_bytes(int64_t in_features) noexcept {
    return (in_features + 31) / 32 * 32 * kColumnBytes;
  }
  static void run(const StripPass& p) noexcept {
    run_any(std::make_integer_sequence<int, kMaxRows>(), p);
  }

 private:
  using F = typename S::F;

  template <int... kIndex>
  [[gnu::always_inline]] static void run_any(std::integer_sequence<int, kIndex...> /*rows - 1*/,
                                             const StripPass& p) noexcept {
    ((p.rows == kIndex + 1 ? pass<kIndex + 1>(p) : void()), ...);
  }

  template <int kRows>
  [[gnu::noinline]] static void pass(const StripPass& p) noexcept {
    constexpr int kHeld = S::float_parts(kRows);
    for (int first = 0; first < S::kParts; first += kHeld) {
      sweep<kRows, kHeld>(p, first);
    }
  }

  template <int kRows, int kHeld>
  using Sums = F[kRows][kHeld];

  // Adds column k: kHeld vectors of weights times one value of each row.
  template <int kRows, int kHeld>
  [[gnu::always_inline]] static void add_column(const std::byte* column, const std::byte* x,
                                                int64_t stride, Sums<kRows, kHeld>& sums) noexcept {
    F weights[kHeld];
#pragma GCC unroll 4
    for (int part = 0; part < kHeld; ++part) {
      weights[part] = Element::template load<S>(column + part * S::kLanes * Element::kBytes);
    }
#pragma GCC unroll 16
    for (int t = 0; t < kRows; ++t) {
      const F value = S::splat(reinterpret_cast<const float*>(x + t * stride));
#pragma GCC unroll 4
      for (int part = 0; part < kHeld; ++part) {
        sums[t][part] = S::fma(weights[part], value, sums[t][part]);
      }
    }
  }

  // Parts first .. first + kHeld of the strip, over all columns.
  template <int kRows, int kHeld>
  [[gnu::always_inline]] static void sweep(const StripPass& p, int first) noexcept {
    constexpr int64_t kStep = 4;
    const std::byte* column = p.strip + first * S::kLanes * Element::kBytes;
    const std::byte* x = p.x;
    const int64_t stride = p.x_stride_bytes;
    Sums<kRows, kHeld> sums;
#pragma GCC unroll 16
    for (int t = 0; t < kRows; ++t) {
#pragma GCC unroll 4
      for (int part = 0; part < kHeld; ++part) {
        sums[t][part] = S::zero();
      }
    }
    int64_t k = 0;
    for (; k + kStep <= p.in_features; k += kStep) {
      if (p.prefetch) {
#pragma GCC unroll 8
        for (int64_t line = 0; line < kStep * kColumnBytes; line += 64) {
          _mm_prefetch(reinterpret_cast<const char*>(column + kPrefetchAhead + line), _MM_HINT_T0);
        }
      }
#pragma GCC unroll 2  // with 4, GCC loads later columns early, and spills
      for (int64_t i = 0; i < kStep; ++i) {
        add_column<kRows, kHeld>(column + i * kColumnBytes, x + i * 4, stride, sums);
      }
      column += kStep * kColumnBytes;
      x += kStep * 4;
    }
    for (; k < p.in_features; ++k) {
      add_column<kRows, kHeld>(column, x, stride, sums);
      column += kColumnBytes;
      x += 4;
    }
#pragma GCC unroll 16
    for (int t = 0; t < kRows; ++t) {
#pragma GCC unroll 4
      for (int part = 0; part < kHeld; ++part) {
        S::store(p.out + t * 32 + (first + part) * S::kLanes, sums[t][part]);
      }
    }
  }
};

}  // namespace
}  // namespace pio::kernels
