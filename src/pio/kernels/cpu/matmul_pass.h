// SPDX-License-Identifier: Apache-2.0
// One call of a matmul's inner kernel.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

namespace pio::kernels {
namespace {

/// One strip of 32 weight rows with a few rows of x: out[r][n] = sum over k of x[r][k] *
/// strip[n][k].
struct StripPass {
  const std::byte* strip;
  int64_t in_features;
  const std::byte* x;
  int64_t x_stride_bytes;
  int64_t rows;   ///< 1 .. the kernel's kMaxRows
  bool prefetch;  ///< the strip comes from memory: on a strip's first pass; it costs 4 % from a
                  ///< cache
  float* out;     ///< [rows][32]; also where a pass keeps sums that registers have no room for
};

template <class Kernel, int... kIndex>
[[gnu::always_inline]] inline void run_pass(
    const StripPass& p, std::integer_sequence<int, kIndex...> /*rows - 1*/) noexcept {
  ((p.rows == kIndex + 1 ? Kernel::template pass<kIndex + 1>(p) : void()), ...);
}
/// Calls Kernel::pass<rows>(p): each number of rows up to kMaxRows has code of its own.
template <class Kernel>
[[gnu::always_inline]] inline void run_pass(const StripPass& p) noexcept {
  run_pass<Kernel>(p, std::make_integer_sequence<int, Kernel::kMaxRows>());
}

}  // namespace
}  // namespace pio::kernels
