// SPDX-License-Identifier: Apache-2.0
// The integer matmul of one strip of 32 weight rows with a few rows of x, written once for all
// formats and instruction sets. The float adds go in the order of reference/matmul.cpp, so the bits
// are the same.
#pragma once

#include <immintrin.h>

#include "pio/kernels/cpu/matmul_pass.h"
#include "pio/kernels/cpu/matmul_tiles.inl.h"

namespace pio::kernels {
namespace {

template <class S, class Format>
struct IntKernel {
  static constexpr int kMaxRows = S::rows_per_pass(Format::kBits);
  static constexpr int64_t kSuperBlocks = kSuperCols / kTileCols;  ///< blocks behind one header
  static constexpr int64_t kPrefetchAhead = 2048;

  static int64_t strip_bytes(int64_t in_features) noexcept {
    return in_features / kTileCols * Format::kTileBytes +
           in_features / kSuperCols * Format::kHeaderBytes;
  }

  /// Sums of a pass.
  static void run(const StripPass& p) noexcept {
    run_pass<IntKernel>(p);
  }

  template <int kRows>
  [[gnu::noinline]] static void pass(const StripPass& p) noexcept {
    if constexpr (kRows <= S::kRowsInRegisters) {
      pass_in_registers<kRows>(p);
    } else {
      pass_in_memory<kRows>(p);
    }
  }

 private:
  using F = typename S::F;

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
    BlockOfRows at(p.x, activation_blocks_offset(p.in_features), p.x_stride_bytes);
    const std::byte* tile = p.strip;
    if constexpr (Format::kHeaderBytes == 0) {
      for (int64_t b = 0; b < blocks; ++b) {
        each(tile, tile, at);
        tile += Format::kTileBytes;
        at.next();
      }
    } else {
      for (int64_t super = 0; super < blocks / kSuperBlocks; ++super) {
        const std::byte* header = tile;
        tile += Format::kHeaderBytes;
#pragma GCC unroll 1
        for (int64_t b = 0; b < kSuperBlocks; ++b) {
          each(header, tile, at);
          tile += Format::kTileBytes;
          at.next();
        }
      }
    }
  }

  /// Float sums of kRows rows of x with kParts parts of the weights.
  template <int kRows, int kParts>
  using Sums = PartFloats<S, kRows, kParts>;

  // Calls each(row, part) for all of them, unrolled.
  template <int kRows, int kParts, class Each>
  [[gnu::always_inline]] static void for_sums(const Each& each) noexcept {
#pragma GCC unroll 16
    for (int t = 0; t < kRows; ++t) {
#pragma GCC unroll 4
      for (int j = 0; j < kParts; ++j) {
        each(t, j);
      }
    }
  }

  // Calls add(row, part, exact dot, its scale) for a tile's parts [part, part + kJoint).
  template <int kRows, int kJoint, class Add>
  [[gnu::always_inline]] static void add_parts(const std::byte* header, const std::byte* tile,
                                               int part, BlockOfRows& x,
                                               const Add& add) noexcept {
    // Parts read the same activations; without this GCC loads all of them once and spills them.
    asm volatile("" ::: "memory");
    F scales[kJoint];
    Format::template dot<S, kRows, kJoint>(
        tile, part, x, [&](int t, int j, F dot) __attribute__((always_inline)) {
          if (t == 0) {
            scales[j] = Format::template scale<S>(header, tile, part + j);
          }
          add(t, part + j, dot, S::mul(scales[j], S::splat(&x.fact(t)->scale)));
        });
  }

  // Adds the mins of a tile's parts [part, part + kJoint) to mins[..][at ..].
  template <int kRows, int kParts, int kJoint>
  [[gnu::always_inline]] static void add_min(const std::byte* header, const std::byte* tile,
                                             int part, int at, BlockOfRows& x,
                                             Sums<kRows, kParts>& mins) noexcept {
    x.forget_addresses();
#pragma GCC unroll 4
    for (int j = 0; j < kJoint; ++j) {
      const F min = Format::template min<S>(header, tile, part + j);
#pragma GCC unroll 16
      for (int t = 0; t < kRows; ++t) {
        const F scale_sum = S::splat(&x.fact(t)->scale_sum);
        F& sum = mins[t][at + j];
        sum = Format::kSubtractsMins ? S::fnma(min, scale_sum, sum) : S::fma(min, scale_sum, sum);
      }
    }
  }

  // The mins alone: they have their own accumulators, so a second sweep changes no bit.
  template <int kRows>
  [[gnu::noinline]] static void add_mins(const StripPass& p) noexcept {
    constexpr int kSweep = 2;  // parts at a time
    for (int part = 0; part < S::kParts; part += kSweep) {
      Sums<kRows, kSweep> mins;
      for_sums<kRows, kSweep>([&](int t, int j)
                                  __attribute__((always_inline)) { mins[t][j] = S::zero(); });
      for_tiles(p, [&](const std::byte* header, const std::byte* tile,
                       BlockOfRows& x) __attribute__((always_inline)) {
        add_min<kRows, kSweep, kSweep>(header, tile, part, 0, x, mins);
      });
      for_sums<kRows, kSweep>([&](int t, int j) __attribute__((always_inline)) {
        float* to = at(p, t, part + j);
        S::store(to, S::add(S::load(to), mins[t][j]));
      });
    }
  }

  // Calls add(row, part, exact dot, its scale) for every part of every tile, and behind(header,
  // tile, part, x) after those that were done jointly. kUnrolled: parts may be indexes of register
  // arrays; else their loop is a real one, whose body fits the registers.
  template <int kRows, bool kUnrolled, class Add, class Behind>
  [[gnu::always_inline]] static void sweep(const StripPass& p, const Add& add,
                                           const Behind& behind) noexcept {
    constexpr int kJoint = S::joint_parts(Format::kBits);
    for_tiles(p, [&](const std::byte* header, const std::byte* tile,
                     BlockOfRows& x) __attribute__((always_inline)) {
      if (p.prefetch) {
        prefetch(tile);
      }
      const auto joint = [&](int part) __attribute__((always_inline)) {
        add_parts<kRows, kJoint>(header, tile, part, x, add);
        behind(header, tile, part, x);
      };
      if constexpr (kUnrolled) {
#pragma GCC unroll 4
        for (int part = 0; part < S::kParts; part += kJoint) {
          joint(part);
        }
      } else {
#pragma GCC unroll 1
        for (int part = 0; part < S::kParts; part += kJoint) {
          joint(part);
        }
      }
    });
  }

  template <int kRows>
  [[gnu::always_inline]] static void pass_in_registers(const StripPass& p) noexcept {
    constexpr bool kMins = Format::kHasMins && kRows <= S::kRowsWithMins;
    Sums<kRows, S::kParts> sums;
    Sums<kRows, S::kParts> mins;
    for_sums<kRows, S::kParts>([&](int t, int j) __attribute__((always_inline)) {
      sums[t][j] = mins[t][j] = S::zero();
    });
    sweep<kRows, true>(
        p,
        [&](int t, int j, F dot, F scale) __attribute__((always_inline)) {
          sums[t][j] = S::fma(dot, scale, sums[t][j]);
        },
        [&](const std::byte* header, const std::byte* tile, int part,
            BlockOfRows& x) __attribute__((always_inline)) {
          if constexpr (kMins) {
            add_min<kRows, S::kParts, S::joint_parts(Format::kBits)>(header, tile, part, part, x,
                                                                     mins);
          }
        });
    for_sums<kRows, S::kParts>([&](int t, int j) __attribute__((always_inline)) {
      S::store(at(p, t, j), finished<kMins>(sums[t][j], mins[t][j]));
    });
    if constexpr (Format::kHasMins && !kMins) {
      add_mins<kRows>(p);
    }
  }

  // The sums live in p.out: registers go to the exact dots.
  template <int kRows>
  [[gnu::always_inline]] static void pass_in_memory(const StripPass& p) noexcept {
    for_sums<kRows, S::kParts>([&](int t, int j) __attribute__((always_inline)) {
      S::store(at(p, t, j), S::zero());
    });
    sweep<kRows, false>(
        p,
        [&](int t, int j, F dot, F scale) __attribute__((always_inline)) {
          S::store(at(p, t, j), S::fma(dot, scale, S::load(at(p, t, j))));
        },
        [](const std::byte* /*header*/, const std::byte* /*tile*/, int /*part*/,
           BlockOfRows& /*x*/) __attribute__((always_inline)) {});
    if constexpr (Format::kHasMins) {
      add_mins<kRows>(p);
    } else {
      for_sums<kRows, S::kParts>([&](int t, int j) __attribute__((always_inline)) {
        S::store(at(p, t, j), finished<false>(S::load(at(p, t, j)), S::zero()));
      });
    }
  }

  [[gnu::always_inline]] static float* at(const StripPass& p, int t, int part) noexcept {
    return p.out + t * 32 + part * S::kLanes;
  }

  // A format without mins adds +0, as the reference does: a sum of -0 becomes +0.
  template <bool kMins>
  [[gnu::always_inline]] static F finished(F sum, F mins) noexcept {
    return kMins || !Format::kHasMins ? S::add(sum, mins) : sum;
  }
};

}  // namespace
}  // namespace pio::kernels
