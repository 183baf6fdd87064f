// SPDX-License-Identifier: Apache-2.0
// Q4_1: 32 weights in 20 bytes, w = d * q + m. The layout is ggml's.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "pio/base/half.h"
#include "pio/quant/codec.h"

namespace pio::quant {

/// A Q4_1 block as it lies in a file.
struct BlockQ4_1 {
  static constexpr int kWeights = 32;
  uint16_t d;  ///< f16 scale
  uint16_t m;  ///< f16 minimum, added
  uint8_t
      qs[16];  ///< weight i < 16: low nibble of qs[i]; weight i >= 16: high nibble of qs[i - 16]

  /// Code of weight i, 0..15; the weight is d * code + m.
  [[nodiscard]] constexpr int nibble(int i) const noexcept { return nibble_of_32(qs, i); }
};
static_assert(sizeof(BlockQ4_1) == 20);

/// Scalar codec of Q4_1; both directions give the bits of the gguf package.
struct CodecQ4_1 {
  /// blocks: count / 32 blocks, any alignment; out: [count] f32.
  static void dequantize(const std::byte* blocks, float* out, int64_t count) {
    for (int64_t at = 0; at < count; at += BlockQ4_1::kWeights, blocks += sizeof(BlockQ4_1)) {
      const auto block = load<BlockQ4_1>(blocks);
      const float d = f16_to_f32(block.d);
      const float m = f16_to_f32(block.m);
      for (int i = 0; i < BlockQ4_1::kWeights; ++i) {
        out[at + i] = d * static_cast<float>(block.nibble(i)) + m;
      }
    }
  }

  /// values: [count] f32; blocks: count / 32 blocks. The range min..max is cut into 15 steps.
  static void quantize(const float* values, std::byte* blocks, int64_t count) {
    for (int64_t at = 0; at < count; at += BlockQ4_1::kWeights, blocks += sizeof(BlockQ4_1)) {
      store(blocks, quantize_block(values + at));
    }
  }

 private:
  static BlockQ4_1 quantize_block(const float* values) {
    const auto [least, most] = std::minmax_element(values, values + BlockQ4_1::kWeights);
    const float minimum = *least;
    const float d = (*most - minimum) / 15.0f;
    const float inverse = safe_inverse(d);
    BlockQ4_1 block{};
    block.d = has_nan(values, BlockQ4_1::kWeights) ? kF16Nan : f32_to_f16(d);
    block.m = f32_to_f16(minimum);
    for (int i = 0; i < 16; ++i) {
      const int low = truncate_into((values[i] - minimum) * inverse + 0.5f, 0, 15);
      const int high = truncate_into((values[i + 16] - minimum) * inverse + 0.5f, 0, 15);
      block.qs[i] = static_cast<uint8_t>(low | high << 4);
    }
    return block;
  }
};

}  // namespace pio::quant
