// SPDX-License-Identifier: Apache-2.0
// The matmul of bf16 weights where there is no instruction for it: a few rows of x are widened to f32
// in a buffer, some columns at a time, and meet the weights in the order and with the rules of
// vdpbf16ps, which subnormals make zero.
#pragma once

#include <algorithm>

#include "pio/kernels/cpu/matmul_float.inl.h"

namespace pio::kernels {
namespace {

/// Subnormal operands and results are zero while this lives.
class FlushSubnormals {
 public:
  FlushSubnormals() noexcept { _mm_setcsr(before_ | kDenormalsAreZero | kFlushToZero); }
  ~FlushSubnormals() { _mm_setcsr(before_); }
  FlushSubnormals(const FlushSubnormals&) = delete;
  FlushSubnormals& operator=(const FlushSubnormals&) = delete;

 private:
  static constexpr unsigned kDenormalsAreZero = 0x0040;
  static constexpr unsigned kFlushToZero = 0x8000;
  unsigned before_ = _mm_getcsr();
};

/// Rows of x, widened: the first values of all pairs, then the second ones.
inline constexpr int64_t kWidenedPairs = 128;

/// A pair of weights in a 32-bit lane, which meets a pair of widened values.
struct ElementBF16 {
  static constexpr int64_t kBytes = 4;
  static constexpr int64_t kValues = 2;
  static constexpr int kSteps = 2;
  template <class S, int kStep>
  [[gnu::always_inline]] static typename S::F load(const std::byte* from) noexcept {
    return kStep == 0 ? S::first_of_bf16_pairs(from) : S::second_of_bf16_pairs(from);
  }
  template <class S, int kStep>
  [[gnu::always_inline]] static typename S::F splat(const std::byte* x) noexcept {
    return S::splat(reinterpret_cast<const float*>(x) + kStep * kWidenedPairs);
  }
  template <class S>
  [[gnu::always_inline]] static typename S::F fma(typename S::F weights, typename S::F x,
                                                  typename S::F sum) noexcept {
    return S::fma(weights, x, sum);
  }
};

template <class S>
struct WidenedKernel {
  static constexpr int kMaxRows = S::kFloatRows;

  static int64_t strip_bytes(int64_t in_features) noexcept {
    return FloatKernel<S, ElementBF16>::strip_bytes(in_features);
  }
  static void run(const StripPass& p) noexcept {
    const FlushSubnormals flush;
    run_pass<WidenedKernel>(p);
  }

  template <int kRows>
  [[gnu::noinline]] static void pass(const StripPass& p) noexcept {
    alignas(64) float x[kRows][2 * kWidenedPairs];
    const int64_t pairs = (p.in_features + 1) / 2;
    for (int64_t begin = 0; begin < pairs; begin += kWidenedPairs) {
      const int64_t count = std::min(kWidenedPairs, pairs - begin);
      for (int t = 0; t < kRows; ++t) {
        widen(p.x + t * p.x_stride_bytes + begin * 4, count, x[t]);
      }
      FloatSweep<S, ElementBF16>::template run<kRows>(
          {.weights = p.strip + begin * FloatSweep<S, ElementBF16>::kGroupBytes,
           .groups = count,
           .x = reinterpret_cast<const std::byte*>(x),
           .x_stride_bytes = sizeof(x[0]),
           .adds = begin > 0,
           .prefetch = p.prefetch,
           .out = p.out});
    }
  }

 private:
  // Rows are padded to 16 pairs.
  [[gnu::always_inline]] static void widen(const std::byte* pairs, int64_t count,
                                           float* to) noexcept {
    for (int64_t i = 0; i < count; i += S::kLanes) {
      S::store(to + i, S::first_of_bf16_pairs(pairs + i * 4));
      S::store(to + kWidenedPairs + i, S::second_of_bf16_pairs(pairs + i * 4));
    }
  }
};

}  // namespace
}  // namespace pio::kernels
