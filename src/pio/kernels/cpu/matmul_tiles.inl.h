// SPDX-License-Identifier: Apache-2.0
// What the integer matmul asks of a format: where a tile (layouts/tiles.h) keeps its codes, scales
// and mins, and the exact integer sums of one block. S is the instruction set's vocabulary; a
// "part" is S::kLanes rows.
#pragma once

#include <cstddef>
#include <cstdint>

#include "pio/kernels/layouts/tiles.h"
#include "pio/kernels/params.h"

namespace pio::kernels {
namespace {

/// Byte of a part's first group in a run of [half][group][row 16][column 4].
template <class S>
[[gnu::always_inline]] constexpr unsigned code_offset(int part, unsigned groups) noexcept {
  const unsigned row = static_cast<unsigned>(part * S::kLanes);
  return row / 16 * groups * static_cast<unsigned>(kGroupBytes) + row % 16 * 4;
}

/// The activations of one pass: the codes and the facts of the block at hand in row t.
struct BlockOfRows {
  const std::byte* codes;
  const std::byte* facts;
  int64_t stride;
  [[gnu::always_inline]] const std::byte* row(int t) const noexcept { return codes + t * stride; }
  [[gnu::always_inline]] const ActivationBlock* fact(int t) const noexcept {
    return reinterpret_cast<const ActivationBlock*>(facts + t * stride);
  }
};

/// Eight groups of 4-bit codes with an offset of 2^kShift (kShift < 0: none).
template <int kShift>
struct NibbleDots {
  static constexpr int kBits = 4;
  template <class S, int kRows>
  [[gnu::always_inline]] static void dot(const std::byte* tile, int part, const BlockOfRows& x,
                                         typename S::F (&dots)[kRows]) noexcept {
    typename S::template Dot<kBits> sums[kRows];
#pragma GCC unroll 16
    for (int t = 0; t < kRows; ++t) {
      sums[t].start(offset<S>(x, t));
    }
    const std::byte* run = tile + code_offset<S>(part, 4);
#pragma GCC unroll 4
    for (int pair = 0; pair < 4; ++pair) {
      const auto codes = S::load_codes(run + pair * kGroupBytes);
      const auto low = S::low_nibbles(codes);
      const auto high = S::high_nibbles(codes);
#pragma GCC unroll 16
      for (int t = 0; t < kRows; ++t) {
        sums[t].add(low, x.row(t) + 8 * pair, 2 * pair);
      }
#pragma GCC unroll 16
      for (int t = 0; t < kRows; ++t) {
        sums[t].add(high, x.row(t) + 8 * pair + 4, 2 * pair + 1);
      }
    }
#pragma GCC unroll 16
    for (int t = 0; t < kRows; ++t) {
      dots[t] = S::from_i32(sums[t].finish(offset<S>(x, t)));
    }
  }

 private:
  template <class S>
  [[gnu::always_inline]] static typename S::I offset(const BlockOfRows& x, int t) noexcept {
    if constexpr (kShift < 0) {
      return S::splat_i32(0);
    } else {
      return S::minus_shifted(&x.fact(t)->sum, kShift);
    }
  }
};

struct FormatQ4_0 : NibbleDots<3>, LayoutQ4_0 {
  static constexpr bool kHasMins = false;
  template <class S>
  [[gnu::always_inline]] static typename S::F scale(const std::byte* /*header*/,
                                                    const std::byte* tile, int part) noexcept {
    return S::from_f16(tile + kScales + part * S::kLanes * 2);
  }
};

struct FormatQ4_1 : NibbleDots<-1>, LayoutQ4_1 {
  static constexpr bool kHasMins = true;
  template <class S>
  [[gnu::always_inline]] static typename S::F scale(const std::byte* /*header*/,
                                                    const std::byte* tile, int part) noexcept {
    return S::from_f16(tile + kScales + part * S::kLanes * 2);
  }
  template <class S>
  [[gnu::always_inline]] static typename S::F add_min(const std::byte* /*header*/,
                                                      const std::byte* tile, int part,
                                                      typename S::F scale_sum,
                                                      typename S::F mins) noexcept {
    return S::fma(S::from_f16(tile + kMins + part * S::kLanes * 2), scale_sum, mins);
  }
};

struct FormatQ4_K : NibbleDots<-1>, LayoutQ4_K {
  static constexpr bool kHasMins = true;
  template <class S>
  [[gnu::always_inline]] static typename S::F scale(const std::byte* header, const std::byte* tile,
                                                    int part) noexcept {
    return S::mul(S::from_f16(header + part * S::kLanes * 2),
                  S::from_u8(tile + kScales + part * S::kLanes));
  }
  template <class S>
  [[gnu::always_inline]] static typename S::F add_min(const std::byte* header,
                                                      const std::byte* tile, int part,
                                                      typename S::F scale_sum,
                                                      typename S::F mins) noexcept {
    const auto min = S::mul(S::from_f16(header + kHeaderMins + part * S::kLanes * 2),
                            S::from_u8(tile + kMins + part * S::kLanes));
    return S::fnma(min, scale_sum, mins);
  }
};

struct FormatQ8_0 : LayoutQ8_0 {
  static constexpr bool kHasMins = false;
  static constexpr int kBits = 8;
  template <class S>
  [[gnu::always_inline]] static typename S::F scale(const std::byte* /*header*/,
                                                    const std::byte* tile, int part) noexcept {
    return S::from_f16(tile + kScales + part * S::kLanes * 2);
  }
  template <class S, int kRows>
  [[gnu::always_inline]] static void dot(const std::byte* tile, int part, const BlockOfRows& x,
                                         typename S::F (&dots)[kRows]) noexcept {
    typename S::template Dot<kBits> sums[kRows];
#pragma GCC unroll 16
    for (int t = 0; t < kRows; ++t) {
      sums[t].start(S::minus_shifted(&x.fact(t)->sum, 7));
    }
    const std::byte* run = tile + code_offset<S>(part, 8);
#pragma GCC unroll 8
    for (int group = 0; group < 8; ++group) {
      const auto codes = S::load_codes(run + group * kGroupBytes);
#pragma GCC unroll 16
      for (int t = 0; t < kRows; ++t) {
        sums[t].add(codes, x.row(t) + 4 * group, group);
      }
    }
#pragma GCC unroll 16
    for (int t = 0; t < kRows; ++t) {
      dots[t] = S::from_i32(sums[t].finish(S::minus_shifted(&x.fact(t)->sum, 7)));
    }
  }
};

/// Two sums of 16 columns, each times its s8 scale. |scale * sum| <= 2^7 * 2^16 and their total <=
/// 2^24, so f32 holds the reference's int32 exactly; the +0 that it starts from keeps a zero
/// positive.
struct FormatQ6_K : LayoutQ6_K {
  static constexpr bool kHasMins = false;
  static constexpr int kBits = 6;
  template <class S>
  [[gnu::always_inline]] static typename S::F scale(const std::byte* header,
                                                    const std::byte* /*tile*/, int part) noexcept {
    return S::from_f16(header + part * S::kLanes * 2);
  }
  template <class S, int kRows>
  [[gnu::always_inline]] static void dot(const std::byte* tile, int part, const BlockOfRows& x,
                                         typename S::F (&dots)[kRows]) noexcept {
#pragma GCC unroll 16
    for (int t = 0; t < kRows; ++t) {
      dots[t] = S::zero();
    }
    sixteen<S, kRows, 0>(tile, part, x, dots);
    sixteen<S, kRows, 1>(tile, part, x, dots);
  }

 private:
  template <class S, int kSixteen>
  [[gnu::always_inline]] static typename S::I offset(const BlockOfRows& x, int t) noexcept {
    const ActivationBlock* fact = x.fact(t);
    if constexpr (kSixteen == 0) {
      return S::minus_shifted(&fact->sum_low, 5);
    } else {
      const int32_t sum_high = fact->sum - fact->sum_low;
      return S::minus_shifted(&sum_high, 5);
    }
  }
  template <class S, int kRows, int kSixteen>
  [[gnu::always_inline]] static void sixteen(const std::byte* tile, int part, const BlockOfRows& x,
                                             typename S::F (&dots)[kRows]) noexcept {
    typename S::template Dot<kBits> sums[kRows];
#pragma GCC unroll 16
    for (int t = 0; t < kRows; ++t) {
      sums[t].start(offset<S, kSixteen>(x, t));
    }
    const std::byte* run = tile + code_offset<S>(part, 4) + 2 * kSixteen * kGroupBytes;
    const auto high_bits =
        S::load_codes(tile + kHighBits + code_offset<S>(part, 2) + kSixteen * kGroupBytes);
#pragma GCC unroll 4
    for (int group = 0; group < 4; ++group) {
      const auto nibbles = S::load_codes(run + group / 2 * kGroupBytes);
      const auto low = group % 2 == 0 ? S::low_nibbles(nibbles) : S::high_nibbles(nibbles);
      const auto codes = S::with_high_bits(low, high_bits, group);
#pragma GCC unroll 16
      for (int t = 0; t < kRows; ++t) {
        sums[t].add(codes, x.row(t) + 16 * kSixteen + 4 * group, group);
      }
    }
    const auto scale = S::from_s8(tile + kScales + kSixteen * kStripRows + part * S::kLanes);
#pragma GCC unroll 16
    for (int t = 0; t < kRows; ++t) {
      const auto sum = S::from_i32(sums[t].finish(offset<S, kSixteen>(x, t)));
      dots[t] = S::fma(scale, sum, dots[t]);
    }
  }
};

}  // namespace
}  // namespace pio::kernels
