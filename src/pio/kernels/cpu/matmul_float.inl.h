// SPDX-License-Identifier: Apache-2.0
// The float matmul of one strip of 32 weight rows with a few rows of x: one lane per output, k in
// order, each product fused, so that every row count and instruction set gives the reference's
// bits. bf16 weights, whose x has a form of its own: matmul_bf16.inl.h.
#pragma once

#include <immintrin.h>

#include "pio/kernels/cpu/matmul_pass.h"
#include "pio/kernels/params.h"

namespace pio::kernels {
namespace {

/// What lies together in a strip, for each of its 32 rows: `kBytes` of `kValues` weights, which meet
/// as many values of x in kSteps fused steps.
struct OneValue {
  static constexpr int64_t kValues = 1;
  static constexpr int kSteps = 1;
  template <class S, int /*kStep*/>
  [[gnu::always_inline]] static typename S::F splat(const std::byte* x) noexcept {
    return S::splat(reinterpret_cast<const float*>(x));
  }
  template <class S>
  [[gnu::always_inline]] static typename S::F fma(typename S::F weights, typename S::F x,
                                                  typename S::F sum) noexcept {
    return S::fma(weights, x, sum);
  }
};

struct ElementF32 : OneValue {
  static constexpr int64_t kBytes = 4;
  template <class S, int /*kStep*/>
  [[gnu::always_inline]] static typename S::F load(const std::byte* from) noexcept {
    return S::load(reinterpret_cast<const float*>(from));
  }
};

struct ElementF16 : OneValue {
  static constexpr int64_t kBytes = 2;
  template <class S, int /*kStep*/>
  [[gnu::always_inline]] static typename S::F load(const std::byte* from) noexcept {
    return S::from_f16(from);
  }
};

/// Some columns of a strip with a few rows of x.
struct FloatColumns {
  const std::byte* weights;
  int64_t groups;  ///< of columns that lie together
  const std::byte* x;
  int64_t x_stride_bytes;
  bool adds;      ///< to the sums that out has; else they start with these columns
  bool prefetch;  ///< as in StripPass
  float* out;     ///< [rows][32]
};

template <class S, class Element>
struct FloatSweep {
  static constexpr int64_t kGroupBytes = 32 * Element::kBytes;

  /// All 32 outputs of kRows rows.
  template <int kRows>
  [[gnu::always_inline]] static void run(const FloatColumns& c) noexcept {
    constexpr int kHeld = S::float_parts(kRows);
    for (int first = 0; first < S::kParts; first += kHeld) {
      sweep<kRows, kHeld>(c, first);
    }
  }

 private:
  using F = typename S::F;
  template <int kRows, int kHeld>
  using Sums = F[kRows][kHeld];

  static constexpr int64_t kPrefetchAhead = 4096;
  static constexpr int64_t kXBytes = 4;  ///< of x that meet a group

  // kHeld vectors of weights times one value of each row.
  template <int kStep, int kRows, int kHeld>
  [[gnu::always_inline]] static void add_step(const std::byte* group, const std::byte* x,
                                              int64_t stride, Sums<kRows, kHeld>& sums) noexcept {
    F weights[kHeld];
#pragma GCC unroll 4
    for (int part = 0; part < kHeld; ++part) {
      weights[part] =
          Element::template load<S, kStep>(group + part * S::kLanes * Element::kBytes);
    }
#pragma GCC unroll 16
    for (int t = 0; t < kRows; ++t) {
      const F value = Element::template splat<S, kStep>(x + t * stride);
#pragma GCC unroll 4
      for (int part = 0; part < kHeld; ++part) {
        sums[t][part] = Element::template fma<S>(weights[part], value, sums[t][part]);
      }
    }
  }

  template <int kRows, int kHeld>
  [[gnu::always_inline]] static void add_group(const std::byte* group, const std::byte* x,
                                               int64_t stride, Sums<kRows, kHeld>& sums) noexcept {
    add_step<0, kRows, kHeld>(group, x, stride, sums);
    if constexpr (Element::kSteps == 2) {
      asm volatile("" ::: "memory");  // else GCC loads both steps' weights at once, and spills
      add_step<1, kRows, kHeld>(group, x, stride, sums);
    }
  }

  // Parts first .. first + kHeld of the strip, over all groups.
  template <int kRows, int kHeld>
  [[gnu::always_inline]] static void sweep(const FloatColumns& c, int first) noexcept {
    constexpr int64_t kAtOnce = 4;
    const std::byte* group = c.weights + first * S::kLanes * Element::kBytes;
    const std::byte* x = c.x;
    const int64_t stride = c.x_stride_bytes;
    float* out = c.out + first * S::kLanes;
    Sums<kRows, kHeld> sums;
#pragma GCC unroll 16
    for (int t = 0; t < kRows; ++t) {
#pragma GCC unroll 4
      for (int part = 0; part < kHeld; ++part) {
        sums[t][part] = c.adds ? S::load(out + t * 32 + part * S::kLanes) : S::zero();
      }
    }
    int64_t left = c.groups;
    for (; left >= kAtOnce; left -= kAtOnce) {
      if (c.prefetch) {
#pragma GCC unroll 8
        for (int64_t line = 0; line < kAtOnce * kGroupBytes; line += 64) {
          _mm_prefetch(reinterpret_cast<const char*>(group + kPrefetchAhead + line), _MM_HINT_T0);
        }
      }
#pragma GCC unroll 2  // with 4, GCC loads later columns early, and spills
      for (int64_t i = 0; i < kAtOnce; ++i) {
        add_group<kRows, kHeld>(group + i * kGroupBytes, x + i * kXBytes, stride, sums);
      }
      group += kAtOnce * kGroupBytes;
      x += kAtOnce * kXBytes;
    }
    for (; left > 0; --left) {
      add_group<kRows, kHeld>(group, x, stride, sums);
      group += kGroupBytes;
      x += kXBytes;
    }
#pragma GCC unroll 16
    for (int t = 0; t < kRows; ++t) {
#pragma GCC unroll 4
      for (int part = 0; part < kHeld; ++part) {
        S::store(out + t * 32 + part * S::kLanes, sums[t][part]);
      }
    }
  }
};

/// The kernel of rows that a sweep reads as they are.
template <class S, class Element>
struct FloatKernel {
  static constexpr int kMaxRows = S::kFloatRows;

  static int64_t strip_bytes(int64_t in_features) noexcept {
    return (in_features + 31) / 32 * 32 / Element::kValues * FloatSweep<S, Element>::kGroupBytes;
  }
  static void run(const StripPass& p) noexcept {
    run_pass<FloatKernel>(p);
  }

  template <int kRows>
  [[gnu::noinline]] static void pass(const StripPass& p) noexcept {
    FloatSweep<S, Element>::template run<kRows>(
        {.weights = p.strip,
         .groups = (p.in_features + Element::kValues - 1) / Element::kValues,
         .x = p.x,
         .x_stride_bytes = p.x_stride_bytes,
         .adds = false,
         .prefetch = p.prefetch,
         .out = p.out});
  }
};

}  // namespace
}  // namespace pio::kernels
