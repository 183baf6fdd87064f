// SPDX-License-Identifier: Apache-2.0
// F32: plain little-endian floats, one weight per block of 4 bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace pio::quant {

/// Scalar codec of F32; both directions copy bits.
struct CodecF32 {
  /// blocks: 4 * count bytes, any alignment; out: [count] f32.
  static void dequantize(const std::byte* blocks, float* out, int64_t count) {
    copy(out, blocks, count);
  }
  /// values: [count] f32; blocks: 4 * count bytes, any alignment.
  static void quantize(const float* values, std::byte* blocks, int64_t count) {
    copy(blocks, values, count);
  }

 private:
  static void copy(void* to, const void* from, int64_t count) {
    if (count > 0) {  // memcpy forbids null, which an empty tensor may have
      std::memcpy(to, from, static_cast<size_t>(count) * sizeof(float));
    }
  }
};

}  // namespace pio::quant
