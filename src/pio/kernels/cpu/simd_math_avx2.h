// SPDX-License-Identifier: Apache-2.0
// scalar_math.h and the block quantizer of reference/quantize.cpp on 8 lanes, bit for bit.
// Everything is inlined or local to its object: no AVX2 code may become a symbol that other objects
// could link to.
#pragma once

#include <immintrin.h>

#include <bit>
#include <cstdint>

#include "pio/kernels/params.h"

namespace pio::kernels {
namespace {

/// exp_f32 of each lane. The clamps keep x as the second operand, which maxps and minps return for
/// a NaN.
[[gnu::always_inline]] inline __m256 exp_ps(__m256 x) noexcept {
  x = _mm256_max_ps(_mm256_set1_ps(-87.0f), x);
  x = _mm256_min_ps(_mm256_set1_ps(88.0f), x);
  const __m256 n = _mm256_round_ps(_mm256_mul_ps(x, _mm256_set1_ps(1.44269504f)),
                                   _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  __m256 r = _mm256_fmadd_ps(n, _mm256_set1_ps(-0.693359375f), x);
  r = _mm256_fmadd_ps(n, _mm256_set1_ps(2.12194440e-4f), r);
  __m256 p = _mm256_set1_ps(1.9875691500e-4f);
  p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1.3981999507e-3f));
  p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(8.3334519073e-3f));
  p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(4.1665795894e-2f));
  p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1.6666665459e-1f));
  p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(5.0000001201e-1f));
  p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1.0f));
  p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1.0f));
  const __m256i power = _mm256_slli_epi32(_mm256_cvtps_epi32(n), 23);
  return _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(p), power));
}

/// silu_f32 of each lane.
[[gnu::always_inline]] inline __m256 silu_ps(__m256 x) noexcept {
  const __m256 minus_x = _mm256_xor_ps(x, _mm256_set1_ps(-0.0f));
  return _mm256_div_ps(x, _mm256_add_ps(_mm256_set1_ps(1.0f), exp_ps(minus_x)));
}

/// tanh_f32 of each lane.
[[gnu::always_inline]] inline __m256 tanh_ps(__m256 x) noexcept {
  const __m256 one = _mm256_set1_ps(1.0f);
  const __m256 e = exp_ps(_mm256_mul_ps(_mm256_set1_ps(2.0f), x));
  return _mm256_sub_ps(one, _mm256_div_ps(_mm256_set1_ps(2.0f), _mm256_add_ps(e, one)));
}

/// Lanes::sum() of lanes 0-7 and 8-15: pairwise 8, 4, 2, 1 apart.
[[gnu::always_inline]] inline float lane_sum(__m256 low, __m256 high) noexcept {
  const __m256 eight = _mm256_add_ps(low, high);
  const __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

/// |x| as integers, in whose order a NaN is the largest.
[[gnu::always_inline]] inline __m256i abs_bits(__m256 x) noexcept {
  return _mm256_and_si256(_mm256_castps_si256(x), _mm256_set1_epi32(INT32_MAX));
}

/// Sum of 16 s8.
[[gnu::always_inline]] inline int32_t sum_s8(__m128i q) noexcept {
  const __m128i sums = _mm_sad_epu8(_mm_xor_si128(q, _mm_set1_epi8(INT8_MIN)), _mm_setzero_si128());
  return _mm_cvtsi128_si32(_mm_add_epi32(sums, _mm_unpackhi_epi64(sums, sums))) - 16 * 128;
}

/// round_to_int32(x * inverse).
[[gnu::always_inline]] inline __m256i scaled_ints(__m256 x, __m256 inverse) noexcept {
  return _mm256_cvtps_epi32(_mm256_mul_ps(x, inverse));
}

/// Quantizes one block of 32 (x0 holds values 0-7, ...): values [32] s8 and its facts, as
/// quant_block of reference/quantize.cpp.
[[gnu::always_inline]] inline void quant_block_ps(__m256 x0, __m256 x1, __m256 x2, __m256 x3,
                                                  std::byte* values, std::byte* facts) noexcept {
  const __m256i eight = _mm256_max_epu32(_mm256_max_epu32(abs_bits(x0), abs_bits(x1)),
                                         _mm256_max_epu32(abs_bits(x2), abs_bits(x3)));
  __m128i four = _mm_max_epu32(_mm256_castsi256_si128(eight), _mm256_extracti128_si256(eight, 1));
  four = _mm_max_epu32(four, _mm_unpackhi_epi64(four, four));
  four = _mm_max_epu32(four, _mm_shuffle_epi32(four, 1));
  const float max = std::bit_cast<float>(_mm_cvtsi128_si32(four));
  const __m256 inverse = _mm256_set1_ps(max == 0.0f ? 0.0f : 127.0f / max);
  // The packs saturate; they work within 128 bits, so the 32-bit pieces are put in order
  // afterwards.
  const __m256i packed =
      _mm256_packs_epi16(_mm256_packs_epi32(scaled_ints(x0, inverse), scaled_ints(x1, inverse)),
                         _mm256_packs_epi32(scaled_ints(x2, inverse), scaled_ints(x3, inverse)));
  const __m256i q = _mm256_permutevar8x32_epi32(packed, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(values), q);
  const int32_t sum_low = sum_s8(_mm256_castsi256_si128(q));
  const int32_t sum = sum_low + sum_s8(_mm256_extracti128_si256(q, 1));
  const float scale = max / 127.0f;
  const ActivationBlock block = {.scale = scale,
                                 .scale_sum = scale * static_cast<float>(sum),
                                 .offset = -8 * sum,
                                 .offset_low = -8 * sum_low};
  __builtin_memcpy(facts, &block, sizeof(block));
}

/// Eight values rounded to bf16, as f32_to_bf16, and written as four pairs.
[[gnu::always_inline]] inline void bf16_pairs_ps(__m256 x, std::byte* pairs) noexcept {
  const __m256i bits = _mm256_castps_si256(x);
  const __m256i odd = _mm256_and_si256(_mm256_srli_epi32(bits, 16), _mm256_set1_epi32(1));
  const __m256i near =
      _mm256_add_epi32(bits, _mm256_add_epi32(odd, _mm256_set1_epi32(0x7fff)));
  const __m256i quiet = _mm256_or_si256(bits, _mm256_set1_epi32(0x400000));
  const __m256i rounded = _mm256_castps_si256(
      _mm256_blendv_ps(_mm256_castsi256_ps(near), _mm256_castsi256_ps(quiet),
                       _mm256_cmp_ps(x, x, _CMP_UNORD_Q)));
  // The first of a pair keeps its high half; the second's goes below it.
  const __m256i pair = _mm256_or_si256(_mm256_and_si256(rounded, _mm256_set1_epi64x(0xffff0000)),
                                       _mm256_srli_epi64(rounded, 48));
  const __m256i low =
      _mm256_permutevar8x32_epi32(pair, _mm256_setr_epi32(0, 2, 4, 6, 0, 2, 4, 6));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(pairs), _mm256_castsi256_si128(low));
}

}  // namespace
}  // namespace pio::kernels
