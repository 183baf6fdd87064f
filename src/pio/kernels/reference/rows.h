// SPDX-License-Identifier: Apache-2.0
// One-row forms that several references share.
#pragma once

#include "pio/kernels/params.h"
#include "pio/kernels/scalar_math.h"

namespace pio::kernels {

/// 1 / sqrt(mean of squares + eps) of row `row`.
[[nodiscard]] float row_inverse_rms(const RmsNormParams& p, int64_t row) noexcept;

/// Elements [begin, begin + count) of the normed row, into out: [count].
void rms_norm_part(const RmsNormParams& p, int64_t row, float inverse_rms, int64_t begin, int64_t count,
                   float* out) noexcept;

/// Quantizes x: [32] as block `block` of the activation row `out` of `dim` values.
void quant_block(const float* x, int64_t dim, int64_t block, std::byte* out) noexcept;

/// Rounds x: [count] to bf16, a word for each pair, padded with zeros to whole 32 values, at `out`.
void round_pairs(const float* x, int64_t count, std::byte* out) noexcept;

/// x: [32] as block `block` of the row `out` of `dim` values.
void put_block(RowFormat format, const float* x, int64_t dim, int64_t block, std::byte* out) noexcept;

/// Rotates one row, [heads, head_dim], its heads normed where there is a norm.
void rope_row(const RopeParams& p, int64_t row, const float* x, float* out) noexcept;

}  // namespace pio::kernels
