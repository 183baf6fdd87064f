// SPDX-License-Identifier: Apache-2.0
// scalar_math.h and the block quantizer of reference/quantize.cpp on 16 lanes, bit for bit.
// Everything is inlined or local to its object: no AVX-512 code may become a symbol that other
// objects could link to.
#pragma once

#include <immintrin.h>

#include <bit>
#include <cstdint>

#include "pio/kernels/params.h"

namespace pio::kernels {
namespace {

/// exp_f32 of each lane. The clamps keep x as the second operand, which maxps and minps return for
/// a NaN.
[[gnu::always_inline]] inline __m512 exp_ps(__m512 x) noexcept {
  x = _mm512_max_ps(_mm512_set1_ps(-87.0f), x);
  x = _mm512_min_ps(_mm512_set1_ps(88.0f), x);
  const __m512 n = _mm512_roundscale_ps(_mm512_mul_ps(x, _mm512_set1_ps(1.44269504f)),
                                        _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  __m512 r = _mm512_fmadd_ps(n, _mm512_set1_ps(-0.693359375f), x);
  r = _mm512_fmadd_ps(n, _mm512_set1_ps(2.12194440e-4f), r);
  __m512 p = _mm512_set1_ps(1.9875691500e-4f);
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.3981999507e-3f));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(8.3334519073e-3f));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(4.1665795894e-2f));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.6666665459e-1f));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(5.0000001201e-1f));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.0f));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.0f));
  const __m512i power = _mm512_slli_epi32(_mm512_cvtps_epi32(n), 23);
  return _mm512_castsi512_ps(_mm512_add_epi32(_mm512_castps_si512(p), power));
}

/// silu_f32 of each lane.
[[gnu::always_inline]] inline __m512 silu_ps(__m512 x) noexcept {
  const __m512 minus_x =
      _mm512_castsi512_ps(_mm512_xor_si512(_mm512_castps_si512(x), _mm512_set1_epi32(INT32_MIN)));
  return _mm512_div_ps(x, _mm512_add_ps(_mm512_set1_ps(1.0f), exp_ps(minus_x)));
}

/// tanh_f32 of each lane.
[[gnu::always_inline]] inline __m512 tanh_ps(__m512 x) noexcept {
  const __m512 one = _mm512_set1_ps(1.0f);
  const __m512 e = exp_ps(_mm512_mul_ps(_mm512_set1_ps(2.0f), x));
  return _mm512_sub_ps(one, _mm512_div_ps(_mm512_set1_ps(2.0f), _mm512_add_ps(e, one)));
}

/// Lanes::sum(): pairwise 8, 4, 2, 1 apart.
[[gnu::always_inline]] inline float lane_sum(__m512 x) noexcept {
  const __m256 eight = _mm256_add_ps(_mm512_castps512_ps256(x), _mm512_extractf32x8_ps(x, 1));
  const __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

/// |x| as integers, in whose order a NaN is the largest.
[[gnu::always_inline]] inline __m512i abs_bits(__m512 x) noexcept {
  return _mm512_and_si512(_mm512_castps_si512(x), _mm512_set1_epi32(INT32_MAX));
}

/// Sum of 16 s8.
[[gnu::always_inline]] inline int32_t sum_s8(__m128i q) noexcept {
  const __m128i sums = _mm_sad_epu8(_mm_xor_si128(q, _mm_set1_epi8(INT8_MIN)), _mm_setzero_si128());
  return _mm_cvtsi128_si32(_mm_add_epi32(sums, _mm_unpackhi_epi64(sums, sums))) - 16 * 128;
}

/// Quantizes one block of 32: values [32] s8 and its facts, as quant_block of
/// reference/quantize.cpp.
[[gnu::always_inline]] inline void quant_block_ps(__m512 low, __m512 high, std::byte* values,
                                                  std::byte* facts) noexcept {
  const __m512i wide = _mm512_max_epu32(abs_bits(low), abs_bits(high));
  const __m256i eight =
      _mm256_max_epu32(_mm512_castsi512_si256(wide), _mm512_extracti64x4_epi64(wide, 1));
  __m128i four = _mm_max_epu32(_mm256_castsi256_si128(eight), _mm256_extracti128_si256(eight, 1));
  four = _mm_max_epu32(four, _mm_unpackhi_epi64(four, four));
  four = _mm_max_epu32(four, _mm_shuffle_epi32(four, 1));
  const float max = std::bit_cast<float>(_mm_cvtsi128_si32(four));
  const __m512 inverse = _mm512_set1_ps(max == 0.0f ? 0.0f : 127.0f / max);
  const __m128i q_low = _mm512_cvtsepi32_epi8(_mm512_cvtps_epi32(_mm512_mul_ps(low, inverse)));
  const __m128i q_high = _mm512_cvtsepi32_epi8(_mm512_cvtps_epi32(_mm512_mul_ps(high, inverse)));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(values), q_low);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(values + 16), q_high);
  const int32_t sum_low = sum_s8(q_low);
  const int32_t sum = sum_low + sum_s8(q_high);
  const float scale = max / 127.0f;
  const ActivationBlock block = {.scale = scale,
                                 .scale_sum = scale * static_cast<float>(sum),
                                 .offset = -8 * sum,
                                 .offset_low = -8 * sum_low};
  __builtin_memcpy(facts, &block, sizeof(block));
}

/// Sixteen values rounded to bf16, as f32_to_bf16, and written as eight pairs.
[[gnu::always_inline]] inline void bf16_pairs_ps(__m512 x, std::byte* pairs) noexcept {
  const __m512i bits = _mm512_castps_si512(x);
  const __m512i odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
  const __m512i near =
      _mm512_add_epi32(bits, _mm512_add_epi32(odd, _mm512_set1_epi32(0x7fff)));
  const __mmask16 nan = _mm512_cmp_ps_mask(x, x, _CMP_UNORD_Q);
  const __m512i rounded =
      _mm512_mask_or_epi32(near, nan, bits, _mm512_set1_epi32(0x400000));
  // The first of a pair keeps its high half; the second's goes below it.
  const __m512i second = _mm512_srli_epi64(rounded, 48);
  const __m512i pair =
      _mm512_or_si512(_mm512_and_si512(rounded, _mm512_set1_epi64(0xffff0000)), second);
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(pairs), _mm512_cvtepi64_epi32(pair));
}

}  // namespace
}  // namespace pio::kernels
