// SPDX-License-Identifier: Apache-2.0
// BF16: little-endian bfloat16 (the upper half of an f32), one weight per block of 2 bytes.
#pragma once

#include "pio/base/half.h"
#include "pio/quant/half_codec.h"

namespace pio::quant {

/// Scalar codec of BF16.
using CodecBF16 = HalfCodec<bf16_to_f32, f32_to_bf16>;

}  // namespace pio::quant
