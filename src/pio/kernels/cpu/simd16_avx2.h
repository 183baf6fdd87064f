// SPDX-License-Identifier: Apache-2.0
// The vocabulary of the *.inl.h kernels on AVX2: sixteen f32 lanes in two registers. Everything is
// inlined: no AVX2 code may become a symbol that other objects could link to.
#pragma once

#include <immintrin.h>

#include "pio/kernels/cpu/simd_math_avx2.h"

namespace pio::kernels {
namespace {

/// Sixteen f32 lanes: 0-7 and 8-15.
struct V16 {
  __m256 low, high;
};

/// Columns of a register tile of six rows: 12 of 16 registers hold sums.
constexpr int kTileVectors = 1;

// All bits set in lanes i with from + i < n.
[[gnu::always_inline]] inline __m256i lanes_before(int64_t n, int from) noexcept {
  const __m256i index =
      _mm256_add_epi32(_mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7), _mm256_set1_epi32(from));
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(n)), index);
}

[[gnu::always_inline]] inline V16 broadcast(float x) noexcept {
  const __m256 all = _mm256_set1_ps(x);
  return {all, all};
}
[[gnu::always_inline]] inline V16 load(const float* from) noexcept {
  return {_mm256_loadu_ps(from), _mm256_loadu_ps(from + 8)};
}
/// f16 to f32.
[[gnu::always_inline]] inline V16 load(const uint16_t* from) noexcept {
  return {_mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from))),
          _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from + 8)))};
}
/// The first n lanes; the others are 0.
[[gnu::always_inline]] inline V16 load_part(const float* from, int64_t n) noexcept {
  return {_mm256_maskload_ps(from, lanes_before(n, 0)),
          _mm256_maskload_ps(from + 8, lanes_before(n, 8))};
}
[[gnu::always_inline]] inline V16 load_part(const uint16_t* from, int64_t n) noexcept {
  alignas(16) uint16_t all[16] = {};
  for (int64_t i = 0; i < n; ++i) {
    all[i] = from[i];
  }
  return load(all);
}
[[gnu::always_inline]] inline V16 from_s8(__m128i codes) noexcept {
  return {_mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(codes)),
          _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_unpackhi_epi64(codes, codes)))};
}
[[gnu::always_inline]] inline V16 load(const int8_t* from) noexcept {
  return from_s8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
}
[[gnu::always_inline]] inline V16 load_part(const int8_t* from, int64_t n) noexcept {
  alignas(16) int8_t lanes[16] = {};
  for (int64_t i = 0; i < n; ++i) {
    lanes[i] = from[i];
  }
  return load(lanes);
}
[[gnu::always_inline]] inline void store(float* to, V16 x) noexcept {
  _mm256_storeu_ps(to, x.low);
  _mm256_storeu_ps(to + 8, x.high);
}
[[gnu::always_inline]] inline void store_part(float* to, V16 x, int64_t n) noexcept {
  _mm256_maskstore_ps(to, lanes_before(n, 0), x.low);
  _mm256_maskstore_ps(to + 8, lanes_before(n, 8), x.high);
}
/// Rounded to f16, to nearest even.
[[gnu::always_inline]] inline void store(uint16_t* to, V16 x) noexcept {
  constexpr int kNearest = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC;
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm256_cvtps_ph(x.low, kNearest));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to + 8), _mm256_cvtps_ph(x.high, kNearest));
}
[[gnu::always_inline]] inline void store_part(uint16_t* to, V16 x, int64_t n) noexcept {
  if (n >= 16) {
    return store(to, x);
  }
  alignas(16) uint16_t all[16];
  store(all, x);
  for (int64_t i = 0; i < n; ++i) {
    to[i] = all[i];
  }
}

[[gnu::always_inline]] inline V16 add(V16 a, V16 b) noexcept {
  return {_mm256_add_ps(a.low, b.low), _mm256_add_ps(a.high, b.high)};
}
[[gnu::always_inline]] inline V16 sub(V16 a, V16 b) noexcept {
  return {_mm256_sub_ps(a.low, b.low), _mm256_sub_ps(a.high, b.high)};
}
[[gnu::always_inline]] inline V16 mul(V16 a, V16 b) noexcept {
  return {_mm256_mul_ps(a.low, b.low), _mm256_mul_ps(a.high, b.high)};
}
[[gnu::always_inline]] inline V16 div(V16 a, V16 b) noexcept {
  return {_mm256_div_ps(a.low, b.low), _mm256_div_ps(a.high, b.high)};
}
/// a * b + c, rounded once.
[[gnu::always_inline]] inline V16 fma(V16 a, V16 b, V16 c) noexcept {
  return {_mm256_fmadd_ps(a.low, b.low, c.low), _mm256_fmadd_ps(a.high, b.high, c.high)};
}
/// a * b - c, rounded once.
[[gnu::always_inline]] inline V16 fms(V16 a, V16 b, V16 c) noexcept {
  return {_mm256_fmsub_ps(a.low, b.low, c.low), _mm256_fmsub_ps(a.high, b.high, c.high)};
}
/// a > b ? a : b, thus b where a is NaN.
[[gnu::always_inline]] inline V16 max(V16 a, V16 b) noexcept {
  return {_mm256_max_ps(a.low, b.low), _mm256_max_ps(a.high, b.high)};
}
[[gnu::always_inline]] inline V16 exp(V16 x) noexcept { return {exp_ps(x.low), exp_ps(x.high)}; }
[[gnu::always_inline]] inline V16 silu(V16 x) noexcept { return {silu_ps(x.low), silu_ps(x.high)}; }
[[gnu::always_inline]] inline V16 tanh(V16 x) noexcept { return {tanh_ps(x.low), tanh_ps(x.high)}; }

/// Lanes [begin, end) of x, `other` elsewhere.
[[gnu::always_inline]] inline V16 keep_lanes(V16 x, int64_t begin, int64_t end,
                                             V16 other) noexcept {
  const __m256i low = _mm256_andnot_si256(lanes_before(begin, 0), lanes_before(end, 0));
  const __m256i high = _mm256_andnot_si256(lanes_before(begin, 8), lanes_before(end, 8));
  return {_mm256_blendv_ps(other.low, x.low, _mm256_castsi256_ps(low)),
          _mm256_blendv_ps(other.high, x.high, _mm256_castsi256_ps(high))};
}
/// 0 where x equals `key`, else `then`.
[[gnu::always_inline]] inline V16 zero_where_equal(V16 x, V16 key, V16 then) noexcept {
  return {_mm256_and_ps(_mm256_cmp_ps(x.low, key.low, _CMP_NEQ_UQ), then.low),
          _mm256_and_ps(_mm256_cmp_ps(x.high, key.high, _CMP_NEQ_UQ), then.high)};
}
/// 0 where x < bound or x is NaN, else x.
[[gnu::always_inline]] inline V16 zero_below(V16 x, V16 bound) noexcept {
  return {_mm256_and_ps(_mm256_cmp_ps(x.low, bound.low, _CMP_GE_OQ), x.low),
          _mm256_and_ps(_mm256_cmp_ps(x.high, bound.high, _CMP_GE_OQ), x.high)};
}
// Sign bits of both halves.
[[gnu::always_inline]] inline uint32_t signs(__m256 low, __m256 high) noexcept {
  return static_cast<uint32_t>(_mm256_movemask_ps(low) | _mm256_movemask_ps(high) << 8);
}
/// Bit i: lane i is >= bound.
[[gnu::always_inline]] inline uint32_t lanes_not_below(V16 x, V16 bound) noexcept {
  return signs(_mm256_cmp_ps(x.low, bound.low, _CMP_GE_OQ),
               _mm256_cmp_ps(x.high, bound.high, _CMP_GE_OQ));
}
/// Bit i: lane i is NaN.
[[gnu::always_inline]] inline uint32_t nan_lanes(V16 x) noexcept {
  return signs(_mm256_cmp_ps(x.low, x.low, _CMP_UNORD_Q),
               _mm256_cmp_ps(x.high, x.high, _CMP_UNORD_Q));
}

/// Sixteen f64 lanes.
struct D16 {
  __m256d lane0, lane4, lane8, lane12;
};
[[gnu::always_inline]] inline D16 add_widened(D16 sums, V16 x) noexcept {
  return {_mm256_add_pd(sums.lane0, _mm256_cvtps_pd(_mm256_castps256_ps128(x.low))),
          _mm256_add_pd(sums.lane4, _mm256_cvtps_pd(_mm256_extractf128_ps(x.low, 1))),
          _mm256_add_pd(sums.lane8, _mm256_cvtps_pd(_mm256_castps256_ps128(x.high))),
          _mm256_add_pd(sums.lane12, _mm256_cvtps_pd(_mm256_extractf128_ps(x.high, 1)))};
}
/// Lanes added pairwise 8, 4, 2, 1 apart.
[[gnu::always_inline]] inline double sum_lanes(D16 x) noexcept {
  const __m256d four =
      _mm256_add_pd(_mm256_add_pd(x.lane0, x.lane8), _mm256_add_pd(x.lane4, x.lane12));
  const __m128d two = _mm_add_pd(_mm256_castpd256_pd128(four), _mm256_extractf128_pd(four, 1));
  return _mm_cvtsd_f64(_mm_add_sd(two, _mm_unpackhi_pd(two, two)));
}

/// Lanes added pairwise 8, 4, 2, 1 apart.
[[gnu::always_inline]] inline float sum_lanes(V16 x) noexcept { return lane_sum(x.low, x.high); }
/// The largest lane; no lane is NaN.
[[gnu::always_inline]] inline float max_lane(V16 x) noexcept {
  const __m256 eight = _mm256_max_ps(x.low, x.high);
  __m128 four = _mm_max_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  four = _mm_max_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_max_ss(four, _mm_movehdup_ps(four)));
}

/// Quantizes 32 values as quant_block does.
[[gnu::always_inline]] inline void quant_block(V16 low, V16 high, std::byte* values,
                                               std::byte* facts) noexcept {
  quant_block_ps(low.low, low.high, high.low, high.high, values, facts);
}

/// Rounds 16 values to bf16, as round_pairs does.
[[gnu::always_inline]] inline void round_to_bf16(V16 x, std::byte* pairs) noexcept {
  bf16_pairs_ps(x.low, pairs);
  bf16_pairs_ps(x.high, pairs + 16);
}

// Even and odd elements of 16 values.
[[gnu::always_inline]] inline void split8(V16 x, __m256& even, __m256& odd) noexcept {
  const __m256i order = _mm256_setr_epi32(0, 1, 4, 5, 2, 3, 6, 7);
  even = _mm256_permutevar8x32_ps(_mm256_shuffle_ps(x.low, x.high, 0x88), order);
  odd = _mm256_permutevar8x32_ps(_mm256_shuffle_ps(x.low, x.high, 0xdd), order);
}
// Eight pairs from their first and second elements.
[[gnu::always_inline]] inline V16 join8(__m256 even, __m256 odd) noexcept {
  const __m256 low = _mm256_unpacklo_ps(even, odd);
  const __m256 high = _mm256_unpackhi_ps(even, odd);
  return {_mm256_permute2f128_ps(low, high, 0x20), _mm256_permute2f128_ps(low, high, 0x31)};
}
/// Pairs (x[0], x[1]), (x[2], x[3]) ... of 32 values: the first of each, the second of each.
[[gnu::always_inline]] inline void split_pairs(V16 low, V16 high, V16& first,
                                               V16& second) noexcept {
  split8(low, first.low, second.low);
  split8(high, first.high, second.high);
}
/// The reverse of split_pairs.
[[gnu::always_inline]] inline void join_pairs(V16 first, V16 second, V16& low, V16& high) noexcept {
  low = join8(first.low, second.low);
  high = join8(first.high, second.high);
}

/// Sixteen bytes as numbers 0..255.
[[gnu::always_inline]] inline V16 from_u8(__m128i codes) noexcept {
  return {_mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(codes)),
          _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_unpackhi_epi64(codes, codes)))};
}

}  // namespace
}  // namespace pio::kernels
