// SPDX-License-Identifier: Apache-2.0
// AVX-VNNI (VEX vpdpbusd) as the matmul templates speak it: AVX2 but for the integer dot products.
#pragma once

#include "pio/kernels/cpu/simd_matmul_avx2.h"

namespace pio::kernels {
namespace {

struct AvxVnni : Avx2Lanes {
  /// Rows of x in one pass of a format with codes of `bits` bits, and parts that share the loads of
  /// x: what 16 registers hold.
  static constexpr int rows_per_pass(int /*bits*/) noexcept { return 4; }
  static constexpr int joint_parts(int bits) noexcept { return bits == 6 ? 1 : 2; }

  /// An exact sum of products of unsigned codes and signed bytes, started with an offset.
  template <int kBits>
  struct Dot {
    I sum;
    [[gnu::always_inline]] void start(I offset) noexcept { sum = offset; }
    [[gnu::always_inline]] void add(I codes, I four, int /*step*/) noexcept {
      sum = _mm256_dpbusd_avx_epi32(sum, codes, four);
    }
    [[gnu::always_inline]] I finish(I /*offset*/) const noexcept { return sum; }
  };
};

}  // namespace
}  // namespace pio::kernels
