// SPDX-License-Identifier: Apache-2.0
// The vocabulary of the *.inl.h kernels on AVX-512: sixteen f32 lanes in one register. Everything
// is inlined: no AVX-512 code may become a symbol that other objects could link to.
#pragma once

#include <immintrin.h>

#include "pio/kernels/cpu/simd_math_avx512.h"

namespace pio::kernels {
namespace {

/// Sixteen f32 lanes.
struct V16 {
  __m512 v;
};

/// Columns of a register tile of six rows: 24 of 32 registers hold sums.
constexpr int kTileVectors = 4;

// Lanes [0, n), n <= 16.
[[gnu::always_inline]] inline __mmask16 first_lanes(int64_t n) noexcept {
  return static_cast<__mmask16>((1u << n) - 1u);
}

[[gnu::always_inline]] inline V16 broadcast(float x) noexcept { return {_mm512_set1_ps(x)}; }
[[gnu::always_inline]] inline V16 load(const float* from) noexcept {
  return {_mm512_loadu_ps(from)};
}
/// f16 to f32.
[[gnu::always_inline]] inline V16 load(const uint16_t* from) noexcept {
  return {_mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)))};
}
/// The first n lanes; the others are 0.
[[gnu::always_inline]] inline V16 load_part(const float* from, int64_t n) noexcept {
  return {_mm512_maskz_loadu_ps(first_lanes(n), from)};
}
[[gnu::always_inline]] inline V16 load_part(const uint16_t* from, int64_t n) noexcept {
  return {_mm512_cvtph_ps(_mm256_maskz_loadu_epi16(first_lanes(n), from))};
}
[[gnu::always_inline]] inline V16 load(const int8_t* from) noexcept {
  const __m128i codes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  return {_mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(codes))};
}
[[gnu::always_inline]] inline V16 load_part(const int8_t* from, int64_t n) noexcept {
  const __m128i codes = _mm_maskz_loadu_epi8(first_lanes(n), from);
  return {_mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(codes))};
}
[[gnu::always_inline]] inline void store(float* to, V16 x) noexcept { _mm512_storeu_ps(to, x.v); }
[[gnu::always_inline]] inline void store_part(float* to, V16 x, int64_t n) noexcept {
  _mm512_mask_storeu_ps(to, first_lanes(n), x.v);
}
/// Rounded to f16, to nearest even.
[[gnu::always_inline]] inline __m256i to_f16(V16 x) noexcept {
  return _mm512_cvtps_ph(x.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}
[[gnu::always_inline]] inline void store(uint16_t* to, V16 x) noexcept {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), to_f16(x));
}
[[gnu::always_inline]] inline void store_part(uint16_t* to, V16 x, int64_t n) noexcept {
  _mm256_mask_storeu_epi16(to, first_lanes(n), to_f16(x));
}

[[gnu::always_inline]] inline V16 add(V16 a, V16 b) noexcept { return {_mm512_add_ps(a.v, b.v)}; }
[[gnu::always_inline]] inline V16 sub(V16 a, V16 b) noexcept { return {_mm512_sub_ps(a.v, b.v)}; }
[[gnu::always_inline]] inline V16 mul(V16 a, V16 b) noexcept { return {_mm512_mul_ps(a.v, b.v)}; }
[[gnu::always_inline]] inline V16 div(V16 a, V16 b) noexcept { return {_mm512_div_ps(a.v, b.v)}; }
/// a * b + c, rounded once.
[[gnu::always_inline]] inline V16 fma(V16 a, V16 b, V16 c) noexcept {
  return {_mm512_fmadd_ps(a.v, b.v, c.v)};
}
/// a * b - c, rounded once.
[[gnu::always_inline]] inline V16 fms(V16 a, V16 b, V16 c) noexcept {
  return {_mm512_fmsub_ps(a.v, b.v, c.v)};
}
/// a > b ? a : b, thus b where a is NaN.
[[gnu::always_inline]] inline V16 max(V16 a, V16 b) noexcept { return {_mm512_max_ps(a.v, b.v)}; }
[[gnu::always_inline]] inline V16 exp(V16 x) noexcept { return {exp_ps(x.v)}; }
[[gnu::always_inline]] inline V16 silu(V16 x) noexcept { return {silu_ps(x.v)}; }
[[gnu::always_inline]] inline V16 tanh(V16 x) noexcept { return {tanh_ps(x.v)}; }

/// Lanes [begin, end) of x, `other` elsewhere.
[[gnu::always_inline]] inline V16 keep_lanes(V16 x, int64_t begin, int64_t end,
                                             V16 other) noexcept {
  const auto mask = static_cast<__mmask16>(first_lanes(end) & ~first_lanes(begin));
  return {_mm512_mask_blend_ps(mask, other.v, x.v)};
}
/// 0 where x equals `key`, else `then`.
[[gnu::always_inline]] inline V16 zero_where_equal(V16 x, V16 key, V16 then) noexcept {
  return {_mm512_maskz_mov_ps(_mm512_cmp_ps_mask(x.v, key.v, _CMP_NEQ_UQ), then.v)};
}

/// 0 where x < bound or x is NaN, else x.
[[gnu::always_inline]] inline V16 zero_below(V16 x, V16 bound) noexcept {
  return {_mm512_maskz_mov_ps(_mm512_cmp_ps_mask(x.v, bound.v, _CMP_GE_OQ), x.v)};
}
/// Bit i: lane i is >= bound.
[[gnu::always_inline]] inline uint32_t lanes_not_below(V16 x, V16 bound) noexcept {
  return _mm512_cmp_ps_mask(x.v, bound.v, _CMP_GE_OQ);
}
/// Bit i: lane i is NaN.
[[gnu::always_inline]] inline uint32_t nan_lanes(V16 x) noexcept {
  return _mm512_cmp_ps_mask(x.v, x.v, _CMP_UNORD_Q);
}

/// Sixteen f64 lanes.
struct D16 {
  __m512d low, high;
};
[[gnu::always_inline]] inline D16 add_widened(D16 sums, V16 x) noexcept {
  return {_mm512_add_pd(sums.low, _mm512_cvtps_pd(_mm512_castps512_ps256(x.v))),
          _mm512_add_pd(sums.high, _mm512_cvtps_pd(_mm512_extractf32x8_ps(x.v, 1)))};
}
/// Lanes added pairwise 8, 4, 2, 1 apart.
[[gnu::always_inline]] inline double sum_lanes(D16 x) noexcept {
  const __m512d eight = _mm512_add_pd(x.low, x.high);
  // The maskz form: GCC 12 warns of the plain one's (and the cast's) undefined pass-through.
  const __m256d four = _mm256_add_pd(_mm512_maskz_extractf64x4_pd(15, eight, 0),
                                     _mm512_maskz_extractf64x4_pd(15, eight, 1));
  const __m128d two = _mm_add_pd(_mm256_castpd256_pd128(four), _mm256_extractf128_pd(four, 1));
  return _mm_cvtsd_f64(_mm_add_sd(two, _mm_unpackhi_pd(two, two)));
}

/// Lanes added pairwise 8, 4, 2, 1 apart.
[[gnu::always_inline]] inline float sum_lanes(V16 x) noexcept { return lane_sum(x.v); }
/// The largest lane; no lane is NaN.
[[gnu::always_inline]] inline float max_lane(V16 x) noexcept {
  const __m256 eight = _mm256_max_ps(_mm512_castps512_ps256(x.v), _mm512_extractf32x8_ps(x.v, 1));
  __m128 four = _mm_max_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  four = _mm_max_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_max_ss(four, _mm_movehdup_ps(four)));
}

/// Quantizes 32 values as quant_block does.
[[gnu::always_inline]] inline void quant_block(V16 low, V16 high, std::byte* values,
                                               std::byte* facts) noexcept {
  quant_block_ps(low.v, high.v, values, facts);
}

/// Rounds 16 values to bf16, as round_pairs does.
[[gnu::always_inline]] inline void round_to_bf16(V16 x, std::byte* pairs) noexcept {
  bf16_pairs_ps(x.v, pairs);
}

/// Pairs (x[0], x[1]), (x[2], x[3]) ... of 32 values: the first of each, the second of each.
[[gnu::always_inline]] inline void split_pairs(V16 low, V16 high, V16& first,
                                               V16& second) noexcept {
  const __m512i even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
  const __m512i odd = _mm512_add_epi32(even, _mm512_set1_epi32(1));
  first.v = _mm512_permutex2var_ps(low.v, even, high.v);
  second.v = _mm512_permutex2var_ps(low.v, odd, high.v);
}
/// The reverse of split_pairs.
[[gnu::always_inline]] inline void join_pairs(V16 first, V16 second, V16& low, V16& high) noexcept {
  const __m512i index = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  low.v = _mm512_permutex2var_ps(first.v, index, second.v);
  high.v = _mm512_permutex2var_ps(first.v, _mm512_add_epi32(index, _mm512_set1_epi32(8)), second.v);
}

/// Sixteen bytes as numbers 0..255.
[[gnu::always_inline]] inline V16 from_u8(__m128i codes) noexcept {
  return {_mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(codes))};
}

}  // namespace
}  // namespace pio::kernels
