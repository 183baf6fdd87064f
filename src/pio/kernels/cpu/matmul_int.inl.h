// SPDX-License-Identifier: Apache-2.0
// The integer matmul of one strip of 32 weight rows with a few rows of x, written once for all
// formats and instruction sets. The float adds go in the order of reference/matmul.cpp, so the bits
// are the same.
#pragma once

#include <immintrin.h>

#include <utility>

#include "pio/kernels/cpu/matmul_pass.h"
#include "pio/kernels/cpu/matmul_tiles.inl.h"

namespace pio::kernels {
namespace {

template <class S, class Format>
struct IntKernel {
  static constexpr int kMaxRows = S::rows_per_pass(Format::kBits);
  static constexpr int64_t kSuperBlocks = kSuperCols / kTileCols;  ///< blocks behind one header
  static constexpr int64_t kPrefetchAhead = 4096;

  static int64_t strip_bytes(int64_t in_features) noexcept {
    return in_features / kTileCols * Format::kTileBytes +
           in_features / kSuperCols * Format::kHeaderBytes;
  }

  /// Sums of a pass.
  static void run(const StripPass& p) noexcept {
    run_any(std::make_integer_sequence<int, kMaxRows>(), p);
  }

 private:
  using F = typename S::F;

  template <int... kIndex>
  [[gnu::always_inline]] static void run_any(std::integer_sequence<int, kIndex...> /*rows - 1*/,
                                             const StripPass& p) noexcept {
    ((p.rows == kIndex + 1 ? pass<kIndex + 1>(p) : void()), ...);
  }

  [[gnu::always_inline]] static void prefetch(const std::byte* tile) noexcept {
#pragma GCC unroll 32
    for (int64_t line = 0; line < Format::kTileBytes; line += 64) {
      _mm_prefetch(reinterpret_cast<const char*>(tile + kPrefetchAhead + line), _MM_HINT_T0);
    }
  }

  // Calls each(header, tile, block of rows) for every tile of a strip.
  template <class Each>
  [[gnu::always_inline]] static void for_tiles(const StripPass& p, const Each& each) noexcept {
    const int64_t blocks = p.in_features / kTileCols;
    BlockOfRows at = {.codes = p.x,
                      .facts = p.x + activation_blocks_offset(p.in_features),
                      .stride = p.x_stride_bytes};
    const std::byte* tile = p.strip;
    if constexpr (Format::kHeaderBytes == 0) {
      for (int64_t b = 0; b < blocks; ++b) {
        each(tile, tile, at);
        tile += Format::kTileBytes;
        at.codes += 32;
        at.facts += sizeof(ActivationBlock);
      }
    } else {
      for (int64_t super = 0; super < blocks / kSuperBlocks; ++super) {
        const std::byte* header = tile;
        tile += Format::kHeaderBytes;
        for (int64_t b = 0; b < kSuperBlocks; ++b) {
          each(header, tile, at);
          tile += Format::kTileBytes;
          at.codes += 32;
          at.facts += sizeof(ActivationBlock);
        }
      }
    }
  }

  template <int kRows>
  using Sums = F[kRows][S::kParts];

  template <int kRows, bool kMins>
  [[gnu::always_inline]] static void add_part(const std::byte* header, const std::byte* tile,
                                              int part, const BlockOfRows& x, Sums<kRows>& sums,
                                              Sums<kRows>& mins) noexcept {
    // Parts read the same activations; without this GCC loads all of them once and spills them.
    asm volatile("" ::: "memory");
    F dots[kRows];
    Format::template dot<S, kRows>(tile, part, x, dots);
    const F scale = Format::template scale<S>(header, tile, part);
#pragma GCC unroll 16
    for (int t = 0; t < kRows; ++t) {
      sums[t][part] = S::fma(dots[t], S::mul(scale, S::splat(&x.fact(t)->scale)), sums[t][part]);
    }
    if constexpr (kMins) {
#pragma GCC unroll 16
      for (int t = 0; t < kRows; ++t) {
        mins[t][part] = Format::template add_min<S>(header, tile, part,
                                                    S::splat(&x.fact(t)->scale_sum), mins[t][part]);
      }
    }
  }

  template <int kRows>
  [[gnu::always_inline]] static void clear(Sums<kRows>& sums) noexcept {
#pragma GCC unroll 16
    for (int t = 0; t < kRows; ++t) {
#pragma GCC unroll 4
      for (int part = 0; part < S::kParts; ++part) {
        sums[t][part] = S::zero();
      }
    }
  }

  // The mins alone: they have their own accumulators, so a second sweep changes no bit.
  template <int kRows>
  [[gnu::noinline]] static void add_mins(const StripPass& p) noexcept {
    if constexpr (Format::kHasMins) {
      Sums<kRows> mins;
      clear<kRows>(mins);
      for_tiles(
          p, [&](const std::byte* header, const std::byte* tile, const BlockOfRows& at)
                 __attribute__((always_inline)) {
#pragma GCC unroll 4
                   for (int part = 0; part < S::kParts; ++part) {
#pragma GCC unroll 16
                     for (int t = 0; t < kRows; ++t) {
                       mins[t][part] = Format::template add_min<S>(
                           header, tile, part, S::splat(&at.fact(t)->scale_sum), mins[t][part]);
                     }
                   }
                 });
      add_to<kRows>(mins, p.out);
    }
  }

  template <int kRows>
  [[gnu::always_inline]] static void add_to(const Sums<kRows>& mins, float* out) noexcept {
#pragma GCC unroll 16
    for (int t = 0; t < kRows; ++t) {
#pragma GCC unroll 4
      for (int part = 0; part < S::kParts; ++part) {
        float* to = out + t * 32 + part * S::kLanes;
        S::store(to, S::add(S::load(to), mins[t][part]));
      }
    }
  }

  template <int kRows>
  [[gnu::noinline]] static void pass(const StripPass& p) noexcept {
    constexpr bool kMins = Format::kHasMins && kRows <= S::kRowsWithMins;
    Sums<kRows> sums;
    Sums<kRows> mins;
    clear<kRows>(sums);
    clear<kRows>(mins);
    for_tiles(
        p, [&](const std::byte* header, const std::byte* tile,
               const BlockOfRows& at) __attribute__((always_inline)) {
          if (p.prefetch) {
            prefetch(tile);
          }
          if constexpr (S::kParts == 2) {
            add_part<kRows, kMins>(header, tile, 0, at, sums, mins);
            add_part<kRows, kMins>(header, tile, 1, at, sums, mins);
          } else {  // a real loop: the sums then live in memory, as 16 registers cannot hold them
#pragma GCC unroll 1
            for (int part = 0; part < S::kParts; ++part) {
              add_part<kRows, kMins>(header, tile, part, at, sums, mins);
            }
          }
        });
#pragma GCC unroll 16
    for (int t = 0; t < kRows; ++t) {
#pragma GCC unroll 4
      for (int part = 0; part < S::kParts; ++part) {
        // A format without mins adds +0, as the reference does: a sum of -0 becomes +0.
        constexpr bool kMinsLater = Format::kHasMins && !kMins;
        S::store(p.out + t * 32 + part * S::kLanes,
                 kMinsLater ? sums[t][part] : S::add(sums[t][part], mins[t][part]));
      }
    }
    if constexpr (Format::kHasMins && !kMins) {
      add_mins<kRows>(p);
    }
  }
};

}  // namespace
}  // namespace pio::kernels
