// SPDX-License-Identifier: Apache-2.0
// F16: little-endian IEEE half floats (5 exponent bits), one weight per block of 2 bytes.
#pragma once

#include "pio/base/half.h"
#include "pio/quant/half_codec.h"

namespace pio::quant {

/// Scalar codec of F16.
using CodecF16 = HalfCodec<f16_to_f32, f32_to_f16>;

}  // namespace pio::quant
