// SPDX-License-Identifier: Apache-2.0
// The task loop and the epilogues that all matmuls share. Kernel is IntKernel or FloatKernel of a
// format.
#pragma once

#include "pio/kernels/cpu/matmul_pass.h"
#include "pio/kernels/params.h"

namespace pio::kernels {
namespace {

/// values: [rows][32], the sums of strip `strip` with rows row .. row + rows: bias and residual,
/// then out.
template <class S>
void store_rows(const MatmulParams& p, int64_t strip, int64_t row, int64_t rows,
                const float* values) noexcept {
  const int64_t begin = strip * 32;
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t lane = 0; lane < 32 && begin + lane < p.out_features; lane += S::kLanes) {
      const int64_t n = begin + lane;
      const int64_t count = p.out_features - n;
      auto value = S::load(values + r * 32 + lane);
      if (p.bias != nullptr) {
        value = S::add(value, S::load_some(p.bias + n, count));
      }
      if (p.residual != nullptr) {
        value = S::add(S::load_some(p.residual + (row + r) * p.residual_stride + n, count), value);
      }
      S::store_some(p.out + (row + r) * p.out_stride + n, count, value);
    }
  }
}

/// silu(gate) * up of [rows][32] values each, stored as floats or as one block of the out row in
/// its format.
template <class S>
void store_glu(const MatmulParams& p, int64_t task, int64_t row, int64_t rows, float* gate,
               const float* up) noexcept {
  const int64_t width = p.out_features / 2;
  const int64_t begin = task * 32;
  for (int64_t r = 0; r < rows; ++r) {
#pragma GCC unroll 4
    for (int lane = 0; lane < 32; lane += S::kLanes) {
      float* at = gate + r * 32 + lane;
      S::store(at, S::mul(S::silu(S::load(at)), S::load(up + r * 32 + lane)));
    }
    if (p.epilogue == Epilogue::kSwiGluQuant) {
      std::byte* out = p.out_quant + (row + r) * p.out_quant_stride_bytes;
      if (p.out_format == RowFormat::kBF16) {
        S::round_to_bf16(gate + r * 32, out + begin * 2);
        continue;
      }
      S::quantize(gate + r * 32, out + begin,
                  out + activation_blocks_offset(width) + task * int64_t{sizeof(ActivationBlock)});
      continue;
    }
    for (int64_t lane = 0; lane < 32 && begin + lane < width; lane += S::kLanes) {
      S::store_some(p.out + (row + r) * p.out_stride + begin + lane, width - begin - lane,
                    S::load(gate + r * 32 + lane));
    }
  }
}

/// Tasks [begin, end): each one strip (a pair for SwiGLU) with all rows, in near-equal passes of at
/// most Kernel::kMaxRows, so that the strip comes from memory once.
template <class S, class Kernel>
[[gnu::always_inline]] inline void run_tasks(const MatmulParams& p, int64_t begin,
                                             int64_t end) noexcept {
  constexpr int64_t kMaxRows = Kernel::kMaxRows;
  alignas(64) float sums[kMaxRows * 32];
  alignas(64) float up[kMaxRows * 32];
  const int64_t strip_bytes = Kernel::strip_bytes(p.in_features);
  const int64_t rows = p.rows.get();
  const bool glu = p.epilogue != Epilogue::kStore;
  for (int64_t task = begin; task < end; ++task) {
    StripPass pass{};
    pass.strip = p.weight + (glu ? 2 * task : task) * strip_bytes;
    pass.in_features = p.in_features;
    pass.x_stride_bytes = p.x_stride_bytes;
    for (int64_t row = 0; row < rows; row += pass.rows) {
      const int64_t passes = (rows - row + kMaxRows - 1) / kMaxRows;
      pass.rows = (rows - row + passes - 1) / passes;
      pass.x = p.x + row * p.x_stride_bytes;
      pass.prefetch = row == 0;
      pass.out = sums;
      Kernel::run(pass);
      if (glu) {
        StripPass second = pass;
        second.strip += strip_bytes;
        second.out = up;
        Kernel::run(second);
        store_glu<S>(p, task, row, pass.rows, sums, up);
      } else {
        store_rows<S>(p, task, row, pass.rows, sums);
      }
    }
  }
}

}  // namespace
}  // namespace pio::kernels
