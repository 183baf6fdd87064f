// SPDX-License-Identifier: Apache-2.0
// Q8_0: 32 weights in 34 bytes, w = d * q. The layout is ggml's.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "pio/base/half.h"
#include "pio/quant/codec.h"

namespace pio::quant {

/// A Q8_0 block as it lies in a file.
struct BlockQ8_0 {
  static constexpr int kWeights = 32;
  uint16_t d;     ///< f16 scale
  int8_t qs[32];  ///< weight i is d * qs[i]
};
static_assert(sizeof(BlockQ8_0) == 34);

/// Scalar codec of Q8_0; both directions give the bits of the gguf package.
struct CodecQ8_0 {
  /// blocks: count / 32 blocks, any alignment; out: [count] f32.
  static void dequantize(const std::byte* blocks, float* out, int64_t count) {
    for (int64_t at = 0; at < count; at += BlockQ8_0::kWeights, blocks += sizeof(BlockQ8_0)) {
      const auto block = load<BlockQ8_0>(blocks);
      const float d = f16_to_f32(block.d);
      for (int i = 0; i < BlockQ8_0::kWeights; ++i) {
        out[at + i] = d * static_cast<float>(block.qs[i]);
      }
    }
  }

  /// values: [count] f32, rounded half away from zero; blocks: count / 32 blocks.
  static void quantize(const float* values, std::byte* blocks, int64_t count) {
    for (int64_t at = 0; at < count; at += BlockQ8_0::kWeights, blocks += sizeof(BlockQ8_0)) {
      store(blocks, quantize_block(values + at));
    }
  }

 private:
  static BlockQ8_0 quantize_block(const float* values) {
    float largest = 0.0f;
    for (int i = 0; i < BlockQ8_0::kWeights; ++i) {
      largest = std::max(largest, std::fabs(values[i]));
    }
    const float d = largest / 127.0f;
    const float inverse = safe_inverse(d);
    BlockQ8_0 block{};
    block.d = has_nan(values, BlockQ8_0::kWeights) ? kF16Nan : f32_to_f16(d);
    for (int i = 0; i < BlockQ8_0::kWeights; ++i) {
      block.qs[i] = static_cast<int8_t>(round_into(values[i] * inverse, -128, 127));
    }
    return block;
  }
};

}  // namespace pio::quant
