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

struct DotSums {
  static constexpr int kSums = 12;
  static constexpr int kLanes = 16;
  __m512i sums[kSums] = {};

  [[gnu::always_inline]] void pass() noexcept {
    const __m512i codes = _mm512_set1_epi8(3);
    const __m512i bytes = _mm512_set1_epi8(-2);
#pragma GCC unroll 8
    for (int step = 0; step < kProbeSteps; ++step) {
#pragma GCC unroll 12
      for (int i = 0; i < kSums; ++i) {
        sums[i] = _mm512_dpbusd_epi32(sums[i], codes, bytes);
        asm volatile("" : "+v"(sums[i]));
      }
    }
  }
  [[nodiscard]] int32_t lane() const noexcept {
    __m512i all = sums[0];
#pragma GCC unroll 12
    for (int i = 1; i < kSums; ++i) {
      all = _mm512_add_epi32(all, sums[i]);
    }
    return _mm512_cvtsi512_si32(all);
  }
};

struct FmaSums {
  static constexpr int kSums = 12;
  static constexpr int kLanes = 16;
  __m512 sums[kSums] = {};

  [[gnu::always_inline]] void pass() noexcept {
    const __m512 one = _mm512_set1_ps(1.0f);
    const __m512 half = _mm512_set1_ps(0.5f);
#pragma GCC unroll 8
    for (int step = 0; step < kProbeSteps; ++step) {
#pragma GCC unroll 12
      for (int i = 0; i < kSums; ++i) {
        sums[i] = _mm512_fmadd_ps(one, half, sums[i]);
        asm volatile("" : "+v"(sums[i]));
      }
    }
  }
  [[nodiscard]] float lane() const noexcept {
    __m512 most = sums[0];
#pragma GCC unroll 12
    for (int i = 1; i < kSums; ++i) {
      most = _mm512_max_ps(most, sums[i]);
    }
    return _mm512_cvtss_f32(most);
  }
};

}  // namespace

void probe_read_avx512(const ProbeReadParams& p, int64_t begin, int64_t end) noexcept {
  probe_read_blocks<Words>(p, begin, end);
}
void probe_dot_avx512(const ProbeDotParams& p, int64_t begin, int64_t end) noexcept {
  probe_peak<DotSums>(p, begin, end);
}
void probe_fma_avx512(const ProbeFmaParams& p, int64_t begin, int64_t end) noexcept {
  probe_peak<FmaSums>(p, begin, end);
}

}  // namespace pio::kernels
