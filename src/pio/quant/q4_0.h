// SPDX-License-Identifier: Apache-2.0
// Q4_0: 32 weights in 18 bytes, w = d * (q - 8). The layout is ggml's.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

#include "pio/base/half.h"
#include "pio/quant/codec.h"

namespace pio::quant {

/// A Q4_0 block as it lies in a file.
struct BlockQ4_0 {
  static constexpr int kWeights = 32;
  uint16_t d;  ///< f16 scale
  uint8_t
      qs[16];  ///< weight i < 16: low nibble of qs[i]; weight i >= 16: high nibble of qs[i - 16]

  /// Code of weight i, 0..15; the weight is d * (code - 8).
  [[nodiscard]] constexpr int nibble(int i) const noexcept { return nibble_of_32(qs, i); }
};
static_assert(sizeof(BlockQ4_0) == 18);

/// Scalar codec of Q4_0; both directions give the bits of the gguf package.
struct CodecQ4_0 {
  /// blocks: count / 32 blocks, any alignment; out: [count] f32.
  static void dequantize(const std::byte* blocks, float* out, int64_t count) {
    for (int64_t at = 0; at < count; at += BlockQ4_0::kWeights, blocks += sizeof(BlockQ4_0)) {
      const auto block = load<BlockQ4_0>(blocks);
      const float d = f16_to_f32(block.d);
      for (int i = 0; i < BlockQ4_0::kWeights; ++i) {
        out[at + i] = d * static_cast<float>(block.nibble(i) - 8);
      }
    }
  }

  /// values: [count] f32; blocks: count / 32 blocks. The weight of largest magnitude gets code 0
  /// exactly.
  static void quantize(const float* values, std::byte* blocks, int64_t count) {
    for (int64_t at = 0; at < count; at += BlockQ4_0::kWeights, blocks += sizeof(BlockQ4_0)) {
      store(blocks, quantize_block(values + at));
    }
  }

 private:
  static BlockQ4_0 quantize_block(const float* values) {
    float largest = 0.0f;
    for (int i = 0; i < BlockQ4_0::kWeights; ++i) {
      largest = std::fabs(values[i]) > std::fabs(largest) ? values[i] : largest;
    }
    const float d = largest / -8.0f;
    const float inverse = safe_inverse(d);
    BlockQ4_0 block{};
    block.d = has_nan(values, BlockQ4_0::kWeights) ? kF16Nan : f32_to_f16(d);
    for (int i = 0; i < 16; ++i) {
      const int low = truncate_into(values[i] * inverse + 8.5f, 0, 15);
      const int high = truncate_into(values[i + 16] * inverse + 8.5f, 0, 15);
      block.qs[i] = static_cast<uint8_t>(low | high << 4);
    }
    return block;
  }
};

}  // namespace pio::quant
