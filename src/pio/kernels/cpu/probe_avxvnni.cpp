// SPDX-License-Identifier: Apache-2.0
#include <immintrin.h>

#include "pio/kernels/cpu/probe.inl.h"
#include "pio/kernels/kernels.h"

namespace pio::kernels {
namespace {

struct DotSteps {
  using Sum = __m256i;
  static constexpr int kSums = 12;
  static constexpr int kLanes = 8;
  [[gnu::always_inline]] static Sum add(Sum sum) noexcept {
    return _mm256_dpbusd_avx_epi32(sum, _mm256_set1_epi8(3), _mm256_set1_epi8(-2));
  }
  [[gnu::always_inline]] static Sum merged(Sum a, Sum b) noexcept { return _mm256_add_epi32(a, b); }
  [[gnu::always_inline]] static int32_t first(Sum sum) noexcept { return _mm256_cvtsi256_si32(sum); }
};

}  // namespace

void probe_dot_avxvnni(const ProbeDotParams& p, int64_t begin, int64_t end) noexcept {
  probe_peak<RegisterSums<DotSteps>>(p, begin, end);
}

}  // namespace pio::kernels
