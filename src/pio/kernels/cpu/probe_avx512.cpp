// SPDX-License-Identifier: Apache-2.0
#include <immintrin.h>

#include "pio/kernels/cpu/probe.inl.h"
#include "pio/kernels/kernels.h"

namespace pio::kernels {
namespace {

struct Words {
  using Word = __m512i;
  static constexpr int64_t kBytes = 64;
  [[gnu::always_inline]] static Word load(const std::byte* from) noexcept {
    return _mm512_load_si512(from);
  }
  [[gnu::always_inline]] static Word exclusive_or(Word a, Word b) noexcept {
    return _mm512_xor_si512(a, b);
  }
};

struct DotSteps {
  using Sum = __m512i;
  static constexpr int kSums = 12;
  static constexpr int kLanes = 16;
  [[gnu::always_inline]] static Sum add(Sum sum) noexcept {
    return _mm512_dpbusd_epi32(sum, _mm512_set1_epi8(3), _mm512_set1_epi8(-2));
  }
  [[gnu::always_inline]] static Sum merged(Sum a, Sum b) noexcept { return _mm512_add_epi32(a, b); }
  [[gnu::always_inline]] static int32_t first(Sum sum) noexcept { return _mm512_cvtsi512_si32(sum); }
};

struct FmaSteps {
  using Sum = __m512;
  static constexpr int kSums = 12;
  static constexpr int kLanes = 16;
  [[gnu::always_inline]] static Sum add(Sum sum) noexcept {
    return _mm512_fmadd_ps(_mm512_set1_ps(1.0f), _mm512_set1_ps(0.5f), sum);
  }
  [[gnu::always_inline]] static Sum merged(Sum a, Sum b) noexcept { return _mm512_max_ps(a, b); }
  [[gnu::always_inline]] static float first(Sum sum) noexcept { return _mm512_cvtss_f32(sum); }
};

}  // namespace

void probe_read_avx512(const ProbeReadParams& p, int64_t begin, int64_t end) noexcept {
  probe_read_blocks<Words>(p, begin, end);
}
void probe_dot_avx512(const ProbeDotParams& p, int64_t begin, int64_t end) noexcept {
  probe_peak<RegisterSums<DotSteps>>(p, begin, end);
}
void probe_fma_avx512(const ProbeFmaParams& p, int64_t begin, int64_t end) noexcept {
  probe_peak<RegisterSums<FmaSteps>>(p, begin, end);
}

}  // namespace pio::kernels
