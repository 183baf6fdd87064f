// SPDX-License-Identifier: Apache-2.0
// The codec that the 16-bit floats share: one little-endian number per weight.
#pragma once

#include <cstddef>
#include <cstdint>

#include "pio/quant/codec.h"

namespace pio::quant {

/// Scalar codec of a 16-bit float with these conversions.
template <float (*kDecode)(uint16_t) noexcept, uint16_t (*kEncode)(float) noexcept>
struct HalfCodec {
  /// blocks: 2 * count bytes, any alignment; out: [count] f32, exact.
  static void dequantize(const std::byte* blocks, float* out, int64_t count) {
    for (int64_t i = 0; i < count; ++i) {
      out[i] = kDecode(load<uint16_t>(blocks + 2 * i));
    }
  }
  /// values: [count] f32, rounded to nearest even; blocks: 2 * count bytes, any alignment.
  static void quantize(const float* values, std::byte* blocks, int64_t count) {
    for (int64_t i = 0; i < count; ++i) {
      store(blocks + 2 * i, kEncode(values[i]));
    }
  }
};

}  // namespace pio::quant
