// SPDX-License-Identifier: Apache-2.0
#include <immintrin.h>

#include "pio/kernels/cpu/probe.inl.h"
#include "pio/kernels/kernels.h"

namespace pio::kernels {
namespace {

struct Words {
  using Word = __m256i;
  static constexpr int64_t kBytes = 32;
  [[gnu::always_inline]] static Word load(const std::byte* from) noexcept {
    return _mm256_load_si256(reinterpret_cast<const __m256i*>(from));
  }
  [[gnu::always_inline]] static Word exclusive_or(Word a, Word b) noexcept {
    return _mm256_xor_si256(a, b);
  }
};

/// vpmaddubsw and vpaddw, and a vpmaddwd behind 8 of them: that many 4-bit products fit 16 bits.
struct DotSums {
  static constexpr int kSums = 8;
  static constexpr int kLanes = 8;
  __m256i all = _mm256_setzero_si256();

  [[gnu::always_inline]] void pass() noexcept {
    __m256i codes = _mm256_set1_epi8(3);
    const __m256i bytes = _mm256_set1_epi8(-2);
    __m256i sums[kSums] = {};
#pragma GCC unroll 8
    for (int step = 0; step < kProbeSteps; ++step) {
#pragma GCC unroll 8
      for (int i = 0; i < kSums; ++i) {
        asm volatile("" : "+x"(codes));  // else one product would serve all
        sums[i] = _mm256_add_epi16(sums[i], _mm256_maddubs_epi16(codes, bytes));
        asm volatile("" : "+x"(sums[i]));
      }
    }
#pragma GCC unroll 8
    for (int i = 0; i < kSums; ++i) {
      all = _mm256_add_epi32(all, _mm256_madd_epi16(sums[i], _mm256_set1_epi16(1)));
    }
  }
  [[nodiscard]] int32_t lane() const noexcept { return _mm256_cvtsi256_si32(all); }
};

struct FmaSteps {
  using Sum = __m256;
  static constexpr int kSums = 12;
  static constexpr int kLanes = 8;
  [[gnu::always_inline]] static Sum add(Sum sum) noexcept {
    return _mm256_fmadd_ps(_mm256_set1_ps(1.0f), _mm256_set1_ps(0.5f), sum);
  }
  [[gnu::always_inline]] static Sum merged(Sum a, Sum b) noexcept { return _mm256_max_ps(a, b); }
  [[gnu::always_inline]] static float first(Sum sum) noexcept { return _mm256_cvtss_f32(sum); }
};

}  // namespace

void probe_read_avx2(const ProbeReadParams& p, int64_t begin, int64_t end) noexcept {
  probe_read_blocks<Words>(p, begin, end);
}
void probe_dot_avx2(const ProbeDotParams& p, int64_t begin, int64_t end) noexcept {
  probe_peak<DotSums>(p, begin, end);
}
void probe_fma_avx2(const ProbeFmaParams& p, int64_t begin, int64_t end) noexcept {
  probe_peak<RegisterSums<FmaSteps>>(p, begin, end);
}

}  // namespace pio::kernels
