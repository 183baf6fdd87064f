// SPDX-License-Identifier: Apache-2.0
// One-row forms that several references share.
#pragma once

#include "pio/kernels/params.h"
#include "pio/kernels/scalar_math.h"

namespace pio::kernels {

/// Norm of row `row` into out: [dim].
void rms_norm_row(const RmsNormParams& p, int64_t row, float* out) noexcept;

/// Quantizes x: [32] as block `block` of the activation row `out` of `dim` values.
void quant_block(const float* x, int64_t dim, int64_t block, std::byte* out) noexcept;

/// Quantizes x: [dim] into one activation row of activation_row_bytes(dim).
void quant_row(const float* x, int64_t dim, std::byte* out) noexcept;

/// Rotates one row, [heads, head_dim].
void rope_row(const RopeParams& p, int64_t row, const float* x, float* out) noexcept;

}  // namespace pio::kernels
