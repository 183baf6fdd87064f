// SPDX-License-Identifier: Apache-2.0
// Q6_K: 256 weights in 210 bytes, 16 sub-blocks of 16, each with an int8 scale:
// w = (d * scale) * (q - 32). The layout is ggml's.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "pio/base/half.h"
#include "pio/quant/codec.h"
#include "pio/quant/scale_search.h"

namespace pio::quant {

/// A Q6_K block as it lies in a file. Sub-block j holds weights 16 * j .. 16 * j + 15. With weight
/// i = 128 h + 32 r + l (h 0..1, r 0..3, l 0..31), bits 0-3 of its code are the low (r < 2) or high
/// nibble of ql[64 h + 32 (r & 1) + l] and bits 4-5 are bits 2r, 2r + 1 of qh[32 h + l].
struct BlockQ6K {
  static constexpr int kWeights = 256;
  static constexpr int kSubBlocks = 16;
  uint8_t ql[128];    ///< lower 4 bits of the codes
  uint8_t qh[64];     ///< upper 2 bits of the codes
  int8_t scales[16];  ///< scale of each sub-block
  uint16_t d;         ///< f16 scale of the scales

  /// Code of weight i, 0..63; the weight is (d * scales[i / 16]) * (code - 32).
  [[nodiscard]] constexpr int code(int i) const noexcept {
    const int r = i / 32 % 4;
    const int low = ql[low_byte(i)] >> (r / 2 * 4) & 15;
    return low | (qh[high_byte(i)] >> (2 * r) & 3) << 4;
  }
  /// Sets the code of weight i; the block must have been zeroed before.
  constexpr void set_code(int i, int code_6) noexcept {
    const int r = i / 32 % 4;
    uint8_t& low = ql[low_byte(i)];
    uint8_t& high = qh[high_byte(i)];
    low = static_cast<uint8_t>(low | (code_6 & 15) << (r / 2 * 4));
    high = static_cast<uint8_t>(high | code_6 >> 4 << (2 * r));
  }

 private:
  static constexpr int low_byte(int i) noexcept { return i / 128 * 64 + i % 64; }
  static constexpr int high_byte(int i) noexcept { return i / 128 * 32 + i % 32; }
};
static_assert(sizeof(BlockQ6K) == 210);

/// Scalar codec of Q6_K; decoding gives the bits of the gguf package, encoding is our own search.
struct CodecQ6_K {
  /// blocks: count / 256 blocks, any alignment; out: [count] f32.
  static void dequantize(const std::byte* blocks, float* out, int64_t count) {
    for (int64_t at = 0; at < count; at += BlockQ6K::kWeights, blocks += sizeof(BlockQ6K)) {
      const auto block = load<BlockQ6K>(blocks);
      const float d = f16_to_f32(block.d);
      for (int i = 0; i < BlockQ6K::kWeights; ++i) {
        const float scale = d * static_cast<float>(block.scales[i / 16]);
        out[at + i] = scale * static_cast<float>(block.code(i) - 32);
      }
    }
  }

  /// values: [count] f32; blocks: count / 256 blocks.
  static void quantize(const float* values, std::byte* blocks, int64_t count) {
    for (int64_t at = 0; at < count; at += BlockQ6K::kWeights, blocks += sizeof(BlockQ6K)) {
      store(blocks, quantize_block(values + at));
    }
  }

 private:
  static BlockQ6K quantize_block(const float* values) {
    BlockQ6K block{};
    if (defies_scale_search(values, BlockQ6K::kWeights)) {
      block.d = kF16Nan;
      return block;
    }
    std::array<float, BlockQ6K::kSubBlocks> fits{};
    float largest = 0.0f;
    for (size_t j = 0; j < fits.size(); ++j) {
      fits[j] = fit_scale({values + 16 * j, 16}, -32);
      largest = std::fabs(fits[j]) > std::fabs(largest) ? fits[j] : largest;
    }
    block.d = f32_to_f16(largest / -128.0f);  // int8 reaches further down than up
    const float d = f16_to_f32(block.d);
    for (int j = 0; j < BlockQ6K::kSubBlocks; ++j) {
      const int scale = round_into(fits[static_cast<size_t>(j)] * safe_inverse(d), -128, 127);
      block.scales[j] = static_cast<int8_t>(scale);
      const float inverse = safe_inverse(d * static_cast<float>(scale));
      for (int i = 16 * j; i < 16 * j + 16; ++i) {
        block.set_code(i, round_into(values[i] * inverse, -32, 31) + 32);
      }
    }
    return block;
  }
};

}  // namespace pio::quant
