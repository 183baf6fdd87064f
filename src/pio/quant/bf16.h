// SPDX-License-Identifier: Apache-2.0
// BF16: little-endian bfloat16 (the upper half of an f32), one weight per block of 2 bytes.
#pragma once

#include <cstddef>
#include <cstdint>

#include "pio/base/half.h"
#include "pio/quant/codec.h"

namespace pio::quant {

/// Scalar codec of BF16.
struct CodecBF16 {
  /// blocks: 2 * count bytes, any alignment; out: [count] f32, exact.
  static void dequantize(const std::byte* blocks, float* out, int64_t count) {
    for (int64_t i = 0; i < count; ++i) {
      out[i] = bf16_to_f32(load<uint16_t>(blocks + 2 * i));
    }
  }
  /// values: [count] f32, rounded to nearest even; blocks: 2 * count bytes, any alignment.
  static void quantize(const float* values, std::byte* blocks, int64_t count) {
    for (int64_t i = 0; i < count; ++i) {
      store(blocks + 2 * i, f32_to_bf16(values[i]));
    }
  }
};

}  // namespace pio::quant
