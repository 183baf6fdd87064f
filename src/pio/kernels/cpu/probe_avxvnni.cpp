// SPDX-License-Identifier: Apache-2.0
#include <immintrin.h>

#include "pio/kernels/cpu/probe.inl.h"
#include "pio/kernels/kernels.h"

namespace pio::kernels {
namespace {

struct DotSums {
  static constexpr int kSums = 12;
  static constexpr int kLanes = 8;
  __m256i sums[kSums] = {};

  [[gnu::always_inline]] void pass() noexcept {
    const __m256i codes = _mm256_set1_epi8(3);
    const __m256i bytes = _mm256_set1_epi8(-2);
#pragma GCC unroll 8
    for (int step = 0; step < kProbeSteps; ++step) {
#pragma GCC unroll 12
      for (int i = 0; i < kSums; ++i) {
        sums[i] = _mm256_dpbusd_avx_epi32(sums[i], codes, bytes);
        asm volatile("" : "+x"(sums[i]));
      }
    }
  }
  [[nodiscard]] int32_t lane() const noexcept {
    __m256i all = sums[0];
#pragma GCC unroll 12
    for (int i = 1; i < kSums; ++i) {
      all = _mm256_add_epi32(all, sums[i]);
    }
    return _mm256_cvtsi256_si32(all);
  }
};

}  // namespace

void probe_dot_avxvnni(const ProbeDotParams& p, int64_t begin, int64_t end) noexcept {
  probe_peak<DotSums>(p, begin, end);
}

}  // namespace pio::kernels
