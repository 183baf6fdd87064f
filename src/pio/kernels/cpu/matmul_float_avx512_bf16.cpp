// SPDX-License-Identifier: Apache-2.0
// bf16 weights by vdpbf16ps: per lane two fused multiply-adds, first of the high halves, then of the
// low ones, which layouts and rows have in the order of k.
#include "pio/kernels/cpu/matmul.inl.h"
#include "pio/kernels/cpu/matmul_float.inl.h"
#include "pio/kernels/cpu/simd_matmul_avx512.h"
#include "pio/kernels/kernels.h"

namespace pio::kernels {
namespace {

/// A pair of weights in a 32-bit lane, which meets a pair of values in one step.
struct ElementPair : OneValue {
  static constexpr int64_t kBytes = 4;
  static constexpr int64_t kValues = 2;
  template <class S, int /*kStep*/>
  [[gnu::always_inline]] static __m512 load(const std::byte* from) noexcept {
    return S::load(reinterpret_cast<const float*>(from));
  }
  template <class S>
  [[gnu::always_inline]] static __m512 fma(__m512 weights, __m512 x, __m512 sum) noexcept {
    return _mm512_dpbf16_ps(sum, reinterpret_cast<__m512bh>(weights), reinterpret_cast<__m512bh>(x));
  }
};

}  // namespace

void matmul_bf16_avx512_bf16(const MatmulParams& p, int64_t begin, int64_t end) noexcept {
  run_tasks<Avx512, FloatKernel<Avx512, ElementPair>>(p, begin, end);
}

}  // namespace pio::kernels
