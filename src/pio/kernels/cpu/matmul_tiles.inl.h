// SPDX-License-Identifier: Apache-2.0
// What the integer matmul asks of a format: where a tile (layouts/tiles.h) keeps its codes, scales
// and mins, and the exact integer sums of one block. S is the instruction set's vocabulary; a
// "part" is S::kLanes weight rows, and dot() does kJoint of them at once, which share the loads of x.
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
  int64_t stride, stride_3, stride_5, stride_7;  ///< bytes to the row 1, 3, 5, 7 rows on
  [[gnu::always_inline]] BlockOfRows(const std::byte* x, int64_t facts_offset,
                                     int64_t stride_bytes) noexcept
      : codes(x),
        facts(x + facts_offset),
        stride(stride_bytes),
        stride_3(3 * stride),
        stride_5(5 * stride),
        stride_7(7 * stride) {}
  /// On to the next block.
  [[gnu::always_inline]] void next() noexcept {
    codes += kTileCols;
    facts += sizeof(ActivationBlock);
  }
  /// From here on addresses are base + stride anew: GCC would keep a pointer to every row, more than
  /// there are registers.
  [[gnu::always_inline]] void forget_addresses() noexcept {
    asm("" : "+r"(codes), "+r"(facts), "+r"(stride), "+r"(stride_3), "+r"(stride_5), "+r"(stride_7));
  }
  [[gnu::always_inline]] const std::byte* row(int t) const noexcept { return codes + offset(t); }
  [[gnu::always_inline]] const ActivationBlock* fact(int t) const noexcept {
    return reinterpret_cast<const ActivationBlock*>(facts + offset(t));
  }

 private:
  // t * stride as an address can have it: one of four registers, times 1, 2 or 4.
  [[gnu::always_inline]] int64_t offset(int t) const noexcept {
    switch (t) {
      case 3:
        return stride_3;
      case 5:
        return stride_5;
      case 6:
        return 2 * stride_3;
      case 7:
        return stride_7;
      default:
        return t * stride;
    }
  }
};

/// Exact sums of kRows rows of x with kJoint parts of the weights, and floats of them.
template <class S, int kBits, int kRows, int kJoint>
using PartDots = typename S::template Dot<kBits>[kRows][kJoint];
template <class S, int kRows, int kJoint>
using PartFloats = typename S::F[kRows][kJoint];

/// Starts all sums of a block; offset(t): what row t's sums start from.
template <class Dot, int kRows, int kJoint, class Offset>
[[gnu::always_inline]] inline void start_sums(Dot (&sums)[kRows][kJoint],
                                              const Offset& offset) noexcept {
#pragma GCC unroll 16
  for (int t = 0; t < kRows; ++t) {
#pragma GCC unroll 4
    for (int j = 0; j < kJoint; ++j) {
      sums[t][j].start(offset(t));
    }
  }
}

/// One step of all sums: codes[j], four per lane of part j, with bytes at .. at + 4 of each row.
template <class S, class Dot, int kRows, int kJoint>
[[gnu::always_inline]] inline void add_step(Dot (&sums)[kRows][kJoint],
                                            const typename S::I (&codes)[kJoint],
                                            BlockOfRows& x, int at, int step) noexcept {
  x.forget_addresses();
#pragma GCC unroll 16
  for (int t = 0; t < kRows; ++t) {
    const auto four = S::splat_4_bytes(x.row(t) + at);
#pragma GCC unroll 4
    for (int j = 0; j < kJoint; ++j) {
      sums[t][j].add(codes[j], four, step);
    }
  }
}

/// Eight groups of 4-bit codes with an offset of 8 or none.
template <bool kOffset>
struct NibbleDots {
  static constexpr int kBits = 4;
  template <class S, int kRows, int kJoint, class Use>
  [[gnu::always_inline]] static void dot(const std::byte* tile, int part, BlockOfRows& x,
                                         const Use& use) noexcept {
    const auto offset = [&](int t) __attribute__((always_inline)) {
      return kOffset ? S::splat_i32(x.fact(t)->offset) : S::splat_i32(0);
    };
    PartDots<S, kBits, kRows, kJoint> sums;
    start_sums(sums, offset);
#pragma GCC unroll 4
    for (int pair = 0; pair < 4; ++pair) {
      typename S::I low[kJoint];
      typename S::I high[kJoint];
#pragma GCC unroll 4
      for (int j = 0; j < kJoint; ++j) {
        const auto codes = S::load_codes(tile + code_offset<S>(part + j, 4) + pair * kGroupBytes);
        low[j] = S::low_nibbles(codes);
        high[j] = S::high_nibbles(codes);
      }
      add_step<S>(sums, low, x, 8 * pair, 2 * pair);
      add_step<S>(sums, high, x, 8 * pair + 4, 2 * pair + 1);
    }
    x.forget_addresses();
#pragma GCC unroll 16
    for (int t = 0; t < kRows; ++t) {
#pragma GCC unroll 4
      for (int j = 0; j < kJoint; ++j) {
        use(t, j, S::from_i32(sums[t][j].finish(offset(t))));
      }
    }
  }
};

struct FormatQ4_0 : NibbleDots<true>, LayoutQ4_0 {
  static constexpr bool kHasMins = false;
  template <class S>
  [[gnu::always_inline]] static typename S::F scale(const std::byte* /*header*/,
                                                    const std::byte* tile, int part) noexcept {
    return S::from_f16(tile + kScales + part * S::kLanes * 2);
  }
};

struct FormatQ4_1 : NibbleDots<false>, LayoutQ4_1 {
  static constexpr bool kHasMins = true;
  static constexpr bool kSubtractsMins = false;
  template <class S>
  [[gnu::always_inline]] static typename S::F scale(const std::byte* /*header*/,
                                                    const std::byte* tile, int part) noexcept {
    return S::from_f16(tile + kScales + part * S::kLanes * 2);
  }
  template <class S>
  [[gnu::always_inline]] static typename S::F min(const std::byte* /*header*/, const std::byte* tile,
                                                  int part) noexcept {
    return S::from_f16(tile + kMins + part * S::kLanes * 2);
  }
};

struct FormatQ4_K : NibbleDots<false>, LayoutQ4_K {
  static constexpr bool kHasMins = true;
  static constexpr bool kSubtractsMins = true;
  template <class S>
  [[gnu::always_inline]] static typename S::F scale(const std::byte* header, const std::byte* tile,
                                                    int part) noexcept {
    return S::mul(S::from_f16(header + part * S::kLanes * 2),
                  S::from_u8(tile + kScales + part * S::kLanes));
  }
  template <class S>
  [[gnu::always_inline]] static typename S::F min(const std::byte* header, const std::byte* tile,
                                                  int part) noexcept {
    return S::mul(S::from_f16(header + kHeaderMins + part * S::kLanes * 2),
                  S::from_u8(tile + kMins + part * S::kLanes));
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
  template <class S, int kRows, int kJoint, class Use>
  [[gnu::always_inline]] static void dot(const std::byte* tile, int part, BlockOfRows& x,
                                         const Use& use) noexcept {
    const auto offset = [&](int t) __attribute__((always_inline)) {
      return S::shifted(S::splat_i32(x.fact(t)->offset), 4);
    };
    PartDots<S, kBits, kRows, kJoint> sums;
    start_sums(sums, offset);
#pragma GCC unroll 8
    for (int group = 0; group < 8; ++group) {
      typename S::I codes[kJoint];
#pragma GCC unroll 4
      for (int j = 0; j < kJoint; ++j) {
        codes[j] = S::load_codes(tile + code_offset<S>(part + j, 8) + group * kGroupBytes);
      }
      add_step<S>(sums, codes, x, 4 * group, group);
    }
    x.forget_addresses();
#pragma GCC unroll 16
    for (int t = 0; t < kRows; ++t) {
#pragma GCC unroll 4
      for (int j = 0; j < kJoint; ++j) {
        use(t, j, S::from_i32(sums[t][j].finish(offset(t))));
      }
    }
  }
};

/// Two sums of 16 columns, each times its s8 scale. |scale * sum| <= 2^7 * 2^16 and their total <=
/// 2^24, so f32 holds the reference's int32 exactly; a zero may be -0, which no sum of floats that
/// begins and ends with +0 shows.
struct FormatQ6_K : LayoutQ6_K {
  static constexpr bool kHasMins = false;
  static constexpr int kBits = 6;
  template <class S>
  [[gnu::always_inline]] static typename S::F scale(const std::byte* header,
                                                    const std::byte* /*tile*/, int part) noexcept {
    return S::from_f16(header + part * S::kLanes * 2);
  }
  template <class S, int kRows, int kJoint, class Use>
  [[gnu::always_inline]] static void dot(const std::byte* tile, int part, BlockOfRows& x,
                                         const Use& use) noexcept {
    PartFloats<S, kRows, kJoint> dots;
    sixteen<S, kRows, kJoint, 0>(
        tile, part, x, [&](int t, int j, auto scale, auto sum) __attribute__((always_inline)) {
          dots[t][j] = S::mul(scale, sum);
          asm("" : "+v"(dots[t][j]));  // else GCC multiplies later, and spills what it takes
        });
    sixteen<S, kRows, kJoint, 1>(
        tile, part, x, [&](int t, int j, auto scale, auto sum) __attribute__((always_inline)) {
          use(t, j, S::fma(scale, sum, dots[t][j]));
        });
  }

 private:
  template <class S, int kRows, int kJoint, int kSixteen, class Use>
  [[gnu::always_inline]] static void sixteen(const std::byte* tile, int part, BlockOfRows& x,
                                             const Use& use) noexcept {
    const auto offset = [&](int t) __attribute__((always_inline)) {
      const ActivationBlock* fact = x.fact(t);
      const auto low = S::splat_i32(fact->offset_low);
      return S::shifted(kSixteen == 0 ? low : S::sub(S::splat_i32(fact->offset), low), 2);
    };
    PartDots<S, kBits, kRows, kJoint> sums;
    start_sums(sums, offset);
    typename S::I high_bits[kJoint];
#pragma GCC unroll 4
    for (int j = 0; j < kJoint; ++j) {
      high_bits[j] = S::load_codes(tile + kHighBits + code_offset<S>(part + j, 2) +
                                   kSixteen * kGroupBytes);
    }
#pragma GCC unroll 4
    for (int group = 0; group < 4; ++group) {
      typename S::I codes[kJoint];
#pragma GCC unroll 4
      for (int j = 0; j < kJoint; ++j) {
        const auto nibbles = S::load_codes(tile + code_offset<S>(part + j, 4) +
                                           (2 * kSixteen + group / 2) * kGroupBytes);
        const auto low = group % 2 == 0 ? S::low_nibbles(nibbles) : S::high_nibbles(nibbles);
        codes[j] = S::with_high_bits(low, high_bits[j], group);
      }
      add_step<S>(sums, codes, x, 16 * kSixteen + 4 * group, group);
    }
#pragma GCC unroll 4
    for (int j = 0; j < kJoint; ++j) {
      const auto scale =
          S::from_s8(tile + kScales + kSixteen * kStripRows + (part + j) * S::kLanes);
#pragma GCC unroll 16
      for (int t = 0; t < kRows; ++t) {
        use(t, j, scale, S::from_i32(sums[t][j].finish(offset(t))));
      }
    }
  }
};

}  // namespace
}  // namespace pio::kernels
