// SPDX-License-Identifier: Apache-2.0
// AVX2 as the matmul templates speak it: 8 lanes, four parts to a strip of 32 rows.
#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "pio/kernels/cpu/simd_math_avx2.h"

namespace pio::kernels {
namespace {

/// All but the integer dot products, which AVX-VNNI does otherwise.
struct Avx2Lanes {
  using F = __m256;
  using I = __m256i;
  static constexpr int kLanes = 8;
  static constexpr int kParts = 4;
  static constexpr int kRowsInRegisters = 1;  ///< beyond, a pass keeps its sums in memory
  static constexpr int kRowsWithMins = 1;     ///< beyond, mins have a sweep of their own
  static constexpr int kFloatRows = 6;
  /// Parts of a strip that a float pass over `rows` rows holds in registers.
  static constexpr int float_parts(int rows) noexcept { return rows <= 2 ? 4 : 2; }

  [[gnu::always_inline]] static F zero() noexcept { return _mm256_setzero_ps(); }
  [[gnu::always_inline]] static F load(const float* from) noexcept { return _mm256_loadu_ps(from); }
  [[gnu::always_inline]] static void store(float* to, F x) noexcept { _mm256_storeu_ps(to, x); }
  /// The first `count` > 0 lanes, the others zero.
  [[gnu::always_inline]] static F load_some(const float* from, int64_t count) noexcept {
    return count >= kLanes ? load(from) : _mm256_maskload_ps(from, mask(count));
  }
  [[gnu::always_inline]] static void store_some(float* to, int64_t count, F x) noexcept {
    if (count >= kLanes) {
      store(to, x);
    } else {
      _mm256_maskstore_ps(to, mask(count), x);
    }
  }
  [[gnu::always_inline]] static F splat(const float* from) noexcept {
    return _mm256_broadcast_ss(from);
  }
  [[gnu::always_inline]] static F add(F a, F b) noexcept { return _mm256_add_ps(a, b); }
  [[gnu::always_inline]] static F mul(F a, F b) noexcept { return _mm256_mul_ps(a, b); }
  /// a * b + c and c - a * b, rounded once.
  [[gnu::always_inline]] static F fma(F a, F b, F c) noexcept { return _mm256_fmadd_ps(a, b, c); }
  [[gnu::always_inline]] static F fnma(F a, F b, F c) noexcept { return _mm256_fnmadd_ps(a, b, c); }
  [[gnu::always_inline]] static F silu(F x) noexcept { return silu_ps(x); }
  [[gnu::always_inline]] static void quantize(const float* x, std::byte* values,
                                              std::byte* facts) noexcept {
    quant_block_ps(load(x), load(x + 8), load(x + 16), load(x + 24), values, facts);
  }
  [[gnu::always_inline]] static void round_to_bf16(const float* x, std::byte* pairs) noexcept {
#pragma GCC unroll 4
    for (int i = 0; i < 32; i += kLanes) {
      bf16_pairs_ps(load(x + i), pairs + 2 * i);
    }
  }

  // One element per lane, widened exactly.
  [[gnu::always_inline]] static F from_f16(const std::byte* from) noexcept {
    return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
  }
  /// Of a pair of bf16 per lane: the first, in the high half, and the second.
  [[gnu::always_inline]] static F first_of_bf16_pairs(const std::byte* from) noexcept {
    const __m256i pairs = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
    return _mm256_castsi256_ps(_mm256_and_si256(pairs, _mm256_set1_epi32(-0x10000)));
  }
  [[gnu::always_inline]] static F second_of_bf16_pairs(const std::byte* from) noexcept {
    const __m256i pairs = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
    return _mm256_castsi256_ps(_mm256_slli_epi32(pairs, 16));
  }
  [[gnu::always_inline]] static F from_u8(const std::byte* from) noexcept {
    return _mm256_cvtepi32_ps(
        _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(from))));
  }
  [[gnu::always_inline]] static F from_s8(const std::byte* from) noexcept {
    return _mm256_cvtepi32_ps(
        _mm256_cvtepi8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(from))));
  }
  [[gnu::always_inline]] static F from_i32(I x) noexcept { return _mm256_cvtepi32_ps(x); }

  // Four 8-bit codes per lane.
  [[gnu::always_inline]] static I load_codes(const std::byte* from) noexcept {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
  }
  [[gnu::always_inline]] static I low_nibbles(I x) noexcept {
    return _mm256_and_si256(x, _mm256_set1_epi8(0x0f));
  }
  [[gnu::always_inline]] static I high_nibbles(I x) noexcept {
    return _mm256_and_si256(_mm256_srli_epi16(x, 4), _mm256_set1_epi8(0x0f));
  }
  /// code | bits 2 `pair` and 2 `pair` + 1 of every byte of `high`, moved to bits 4 and 5.
  [[gnu::always_inline]] static I with_high_bits(I code, I high, int pair) noexcept {
    const I moved = pair == 0   ? _mm256_slli_epi16(high, 4)
                    : pair == 1 ? _mm256_slli_epi16(high, 2)
                    : pair == 2 ? high
                                : _mm256_srli_epi16(high, 2);
    return _mm256_or_si256(code, _mm256_and_si256(moved, _mm256_set1_epi8(0x30)));
  }
  /// Every lane of x times 2^bits, and a - b.
  [[gnu::always_inline]] static I shifted(I x, int bits) noexcept {
    return _mm256_slli_epi32(x, bits);
  }
  [[gnu::always_inline]] static I sub(I a, I b) noexcept { return _mm256_sub_epi32(a, b); }
  [[gnu::always_inline]] static I splat_i32(int32_t value) noexcept {
    return _mm256_set1_epi32(value);
  }
  [[gnu::always_inline]] static I splat_4_bytes(const std::byte* from) noexcept {
    int32_t four = 0;
    __builtin_memcpy(&four, from, 4);
    return _mm256_set1_epi32(four);
  }

 private:
  [[gnu::always_inline]] static I mask(int64_t count) noexcept {
    const I lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(count)), lanes);
  }
};

struct Avx2 : Avx2Lanes {
  /// Rows of x in one pass of a format with codes of `bits` bits, and parts that share the loads of
  /// x: what 16 registers hold.
  static constexpr int rows_per_pass(int bits) noexcept { return bits == 6 ? 3 : 4; }
  static constexpr int joint_parts(int bits) noexcept { return bits == 4 ? 2 : 1; }

  /// sum of products of unsigned codes below 2^kBits and signed bytes, started with an offset.
  /// vpmaddubsw adds two products in 16 bits: of 4-bit codes 8 such sums fit (8 * 2 * 15 * 128 <
  /// 2^15), of 6-bit codes 2, and 8-bit codes are split into nibbles.
  template <int kBits>
  struct Dot {
    I sums[kBits == 4 ? 1 : 2];
    [[gnu::always_inline]] void start(I /*offset*/) noexcept {
      for (I& sum : sums) {
        sum = _mm256_setzero_si256();
      }
    }
    [[gnu::always_inline]] void add(I codes, I four, int step) noexcept {
      if constexpr (kBits == 8) {
        add_to(sums[0], low_nibbles(codes), four);
        add_to(sums[1], high_nibbles(codes), four);
      } else {
        add_to(sums[kBits == 4 ? 0 : step / 2], codes, four);
      }
    }
    [[gnu::always_inline]] I finish(I offset) const noexcept {
      I total = _mm256_add_epi32(_mm256_madd_epi16(sums[0], _mm256_set1_epi16(1)), offset);
      if constexpr (kBits != 4) {
        const I high = _mm256_madd_epi16(sums[1], _mm256_set1_epi16(kBits == 8 ? 16 : 1));
        total = _mm256_add_epi32(total, high);
      }
      return total;
    }

   private:
    [[gnu::always_inline]] static void add_to(I& sum, I codes, I four) noexcept {
      sum = _mm256_add_epi16(sum, _mm256_maddubs_epi16(codes, four));
      // Else GCC reassociates: it computes all products first, and spills them.
      asm("" : "+x"(sum));
    }
  };
};

}  // namespace
}  // namespace pio::kernels
