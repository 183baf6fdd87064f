// SPDX-License-Identifier: Apache-2.0
#include <immintrin.h>

#include "pio/kernels/cpu/probe.inl.h"
#include "pio/kernels/kernels.h"

namespace pio::kernels {
namespace {

struct PairSteps {
  using Sum = __m512;
  static constexpr int kSums = 12;
  static constexpr int kLanes = 16;
  [[gnu::always_inline]] static Sum add(Sum sum) noexcept {
    const auto ones = reinterpret_cast<__m512bh>(_mm512_set1_epi16(0x3f80));
    const auto quarters = reinterpret_cast<__m512bh>(_mm512_set1_epi16(0x3e80));
    return _mm512_dpbf16_ps(sum, ones, quarters);
  }
  [[gnu::always_inline]] static Sum merged(Sum a, Sum b) noexcept { return _mm512_max_ps(a, b); }
  [[gnu::always_inline]] static float first(Sum sum) noexcept { return _mm512_cvtss_f32(sum); }
};

}  // namespace

void probe_bf16_avx512_bf16(const ProbeBf16Params& p, int64_t begin, int64_t end) noexcept {
  probe_peak<RegisterSums<PairSteps>>(p, begin, end);
}

}  // namespace pio::kernels
