// SPDX-License-Identifier: Apache-2.0
// AVX-512 VNNI as the matmul templates speak it: 16 lanes, two parts to a strip of 32 rows.
#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "pio/kernels/cpu/simd_math_avx512.h"

namespace pio::kernels {
namespace {

struct Avx512 {
  using F = __m512;
  using I = __m512i;
  static constexpr int kLanes = 16;
  static constexpr int kParts = 2;
  /// Rows of x in one pass of a format with codes of `bits` bits: what 32 registers hold.
  static constexpr int rows_per_pass(int bits) noexcept { return bits == 6 ? 6 : 8; }
  /// Parts that share the loads of x: the sums of two would leave no register.
  static constexpr int joint_parts(int /*bits*/) noexcept { return 1; }
  static constexpr int kRowsInRegisters = 8;  ///< rows whose sums a pass keeps in registers: all
  /// Rows up to which mins ride along with the sums; beyond, registers are short and they have a
  /// sweep.
  static constexpr int kRowsWithMins = 5;
  static constexpr int kFloatRows = 8;
  /// Parts of a strip that a float pass over `rows` rows holds in registers.
  static constexpr int float_parts(int /*rows*/) noexcept { return 2; }

  [[gnu::always_inline]] static F zero() noexcept { return _mm512_setzero_ps(); }
  [[gnu::always_inline]] static F load(const float* from) noexcept { return _mm512_loadu_ps(from); }
  [[gnu::always_inline]] static void store(float* to, F x) noexcept { _mm512_storeu_ps(to, x); }
  /// The first `count` > 0 lanes, the others zero.
  [[gnu::always_inline]] static F load_some(const float* from, int64_t count) noexcept {
    return _mm512_maskz_loadu_ps(mask(count), from);
  }
  [[gnu::always_inline]] static void store_some(float* to, int64_t count, F x) noexcept {
    _mm512_mask_storeu_ps(to, mask(count), x);
  }
  [[gnu::always_inline]] static F splat(const float* from) noexcept {
    return _mm512_set1_ps(*from);
  }
  [[gnu::always_inline]] static F add(F a, F b) noexcept { return _mm512_add_ps(a, b); }
  [[gnu::always_inline]] static F mul(F a, F b) noexcept { return _mm512_mul_ps(a, b); }
  /// a * b + c and c - a * b, rounded once.
  [[gnu::always_inline]] static F fma(F a, F b, F c) noexcept { return _mm512_fmadd_ps(a, b, c); }
  [[gnu::always_inline]] static F fnma(F a, F b, F c) noexcept { return _mm512_fnmadd_ps(a, b, c); }
  [[gnu::always_inline]] static F silu(F x) noexcept { return silu_ps(x); }
  [[gnu::always_inline]] static void quantize(const float* x, std::byte* values,
                                              std::byte* facts) noexcept {
    quant_block_ps(load(x), load(x + 16), values, facts);
  }
  [[gnu::always_inline]] static void round_to_bf16(const float* x, std::byte* pairs) noexcept {
    bf16_pairs_ps(load(x), pairs);
    bf16_pairs_ps(load(x + 16), pairs + 32);
  }

  // One element per lane, widened exactly.
  [[gnu::always_inline]] static F from_f16(const std::byte* from) noexcept {
    return _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)));
  }
  /// Of a pair of bf16 per lane: the first, in the high half, and the second.
  [[gnu::always_inline]] static F first_of_bf16_pairs(const std::byte* from) noexcept {
    return _mm512_castsi512_ps(
        _mm512_and_si512(_mm512_loadu_si512(from), _mm512_set1_epi32(-0x10000)));
  }
  [[gnu::always_inline]] static F second_of_bf16_pairs(const std::byte* from) noexcept {
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_loadu_si512(from), 16));
  }
  [[gnu::always_inline]] static F from_u8(const std::byte* from) noexcept {
    return _mm512_cvtepi32_ps(
        _mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from))));
  }
  [[gnu::always_inline]] static F from_s8(const std::byte* from) noexcept {
    return _mm512_cvtepi32_ps(
        _mm512_cvtepi8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from))));
  }
  [[gnu::always_inline]] static F from_i32(I x) noexcept { return _mm512_cvtepi32_ps(x); }

  // Four 8-bit codes per lane.
  [[gnu::always_inline]] static I load_codes(const std::byte* from) noexcept {
    return _mm512_loadu_si512(from);
  }
  [[gnu::always_inline]] static I low_nibbles(I x) noexcept {
    return _mm512_and_si512(x, _mm512_set1_epi8(0x0f));
  }
  [[gnu::always_inline]] static I high_nibbles(I x) noexcept {
    return _mm512_and_si512(_mm512_srli_epi16(x, 4), _mm512_set1_epi8(0x0f));
  }
  /// code | bits 2 `pair` and 2 `pair` + 1 of every byte of `high`, moved to bits 4 and 5.
  [[gnu::always_inline]] static I with_high_bits(I code, I high, int pair) noexcept {
    const I moved = pair == 0   ? _mm512_slli_epi16(high, 4)
                    : pair == 1 ? _mm512_slli_epi16(high, 2)
                    : pair == 2 ? high
                                : _mm512_srli_epi16(high, 2);
    return _mm512_ternarylogic_epi32(code, moved, _mm512_set1_epi8(0x30),
                                     0xf8);  // code | (moved & 0x30)
  }
  /// Every lane of x times 2^bits, and a - b.
  [[gnu::always_inline]] static I shifted(I x, int bits) noexcept {
    return _mm512_slli_epi32(x, static_cast<unsigned>(bits));
  }
  [[gnu::always_inline]] static I sub(I a, I b) noexcept { return _mm512_sub_epi32(a, b); }
  [[gnu::always_inline]] static I splat_i32(int32_t value) noexcept {
    return _mm512_set1_epi32(value);
  }
  [[gnu::always_inline]] static I splat_4_bytes(const std::byte* from) noexcept {
    int32_t four = 0;
    __builtin_memcpy(&four, from, 4);
    return _mm512_set1_epi32(four);
  }

  /// An exact sum of products of unsigned codes and signed activations, started with an offset.
  template <int kBits>
  struct Dot {
    I sum;
    [[gnu::always_inline]] void start(I offset) noexcept { sum = offset; }
    /// Adds four products per lane: codes times the bytes of `four`. `step` counts the additions.
    [[gnu::always_inline]] void add(I codes, I four, int /*step*/) noexcept {
      sum = _mm512_dpbusd_epi32(sum, codes, four);
    }
    [[gnu::always_inline]] I finish(I /*offset*/) const noexcept { return sum; }
  };

 private:
  [[gnu::always_inline]] static __mmask16 mask(int64_t count) noexcept {
    return static_cast<__mmask16>(count >= kLanes ? 0xffff : (1 << count) - 1);
  }
};

}  // namespace
}  // namespace pio::kernels
