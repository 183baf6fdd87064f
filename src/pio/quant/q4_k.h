// SPDX-License-Identifier: Apache-2.0
// Q4_K: 256 weights in 144 bytes, 8 sub-blocks of 32, each with a 6-bit scale and a 6-bit minimum:
// w = (d * scale) * q - (dmin * min). The layout is ggml's.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "pio/base/half.h"
#include "pio/quant/codec.h"
#include "pio/quant/scale_search.h"

namespace pio::quant {

/// A Q4_K block as it lies in a file. Sub-block j holds weights 32 * j .. 32 * j + 31.
struct BlockQ4K {
  static constexpr int kWeights = 256;
  static constexpr int kSubBlocks = 8;
  uint16_t d;     ///< f16 scale of the scales
  uint16_t dmin;  ///< f16 scale of the minimums
  /// Bytes 0-3: scales 0-3 in the low 6 bits, bits 4-5 of scales 4-7 above. Bytes 4-7: the same for
  /// the minimums. Bytes 8-11: bits 0-3 of scales 4-7 (low nibble) and of minimums 4-7 (high
  /// nibble).
  uint8_t scales[12];
  uint8_t qs[128];  ///< bytes 32c..32c+31: sub-block 2c in the low nibbles, 2c + 1 in the high ones

  /// 6-bit scale of sub-block j, 0..63.
  [[nodiscard]] constexpr int scale(int j) const noexcept {
    return j < 4 ? scales[j] & 63 : (scales[j + 4] & 15) | (scales[j - 4] >> 6) << 4;
  }
  /// 6-bit minimum of sub-block j, 0..63; it is subtracted.
  [[nodiscard]] constexpr int min(int j) const noexcept {
    return j < 4 ? scales[j + 4] & 63 : scales[j + 4] >> 4 | (scales[j] >> 6) << 4;
  }
  /// Code of weight i, 0..15.
  [[nodiscard]] constexpr int nibble(int i) const noexcept {
    const int byte = qs[i / 64 * 32 + i % 32];
    return i % 64 < 32 ? byte & 15 : byte >> 4;
  }

  /// Sets the 6-bit scale and minimum of sub-block j; the block must have been zeroed before.
  constexpr void set_scale_min(int j, int scale_6, int min_6) noexcept {
    if (j < 4) {
      scales[j] = static_cast<uint8_t>(scales[j] | scale_6);
      scales[j + 4] = static_cast<uint8_t>(scales[j + 4] | min_6);
    } else {
      scales[j + 4] = static_cast<uint8_t>((scale_6 & 15) | (min_6 & 15) << 4);
      scales[j - 4] = static_cast<uint8_t>(scales[j - 4] | (scale_6 >> 4) << 6);
      scales[j] = static_cast<uint8_t>(scales[j] | (min_6 >> 4) << 6);
    }
  }
  /// Sets the code of weight i; the block must have been zeroed before.
  constexpr void set_nibble(int i, int code) noexcept {
    uint8_t& byte = qs[i / 64 * 32 + i % 32];
    byte = static_cast<uint8_t>(byte | (i % 64 < 32 ? code : code << 4));
  }
};
static_assert(sizeof(BlockQ4K) == 144);

/// Scalar codec of Q4_K; decoding gives the bits of the gguf package, encoding is our own search.
struct CodecQ4_K {
  /// blocks: count / 256 blocks, any alignment; out: [count] f32.
  static void dequantize(const std::byte* blocks, float* out, int64_t count) {
    for (int64_t at = 0; at < count; at += BlockQ4K::kWeights, blocks += sizeof(BlockQ4K)) {
      const auto block = load<BlockQ4K>(blocks);
      const float d = f16_to_f32(block.d);
      const float dmin = f16_to_f32(block.dmin);
      for (int i = 0; i < BlockQ4K::kWeights; ++i) {
        const float scale = d * static_cast<float>(block.scale(i / 32));
        const float min = dmin * static_cast<float>(block.min(i / 32));
        out[at + i] = scale * static_cast<float>(block.nibble(i)) - min;
      }
    }
  }

  /// values: [count] f32; blocks: count / 256 blocks.
  static void quantize(const float* values, std::byte* blocks, int64_t count) {
    for (int64_t at = 0; at < count; at += BlockQ4K::kWeights, blocks += sizeof(BlockQ4K)) {
      store(blocks, quantize_block(values + at));
    }
  }

 private:
  static BlockQ4K quantize_block(const float* values) {
    BlockQ4K block{};
    if (defies_scale_search(values, BlockQ4K::kWeights)) {
      block.d = kF16Nan;
      return block;
    }
    std::array<ScaleFit, BlockQ4K::kSubBlocks> fits{};
    float max_scale = 0.0f;
    float max_offset = 0.0f;
    for (size_t j = 0; j < fits.size(); ++j) {
      fits[j] = fit_scale_offset({values + 32 * j, 32}, 15);
      max_scale = std::max(max_scale, fits[j].scale);
      max_offset = std::max(max_offset, fits[j].offset);
    }
    block.d = f32_to_f16(max_scale / 63.0f);
    block.dmin = f32_to_f16(max_offset / 63.0f);
    // From here on with the rounded d and dmin, so that the codes make up for their rounding.
    const float d = f16_to_f32(block.d);
    const float dmin = f16_to_f32(block.dmin);
    for (int j = 0; j < BlockQ4K::kSubBlocks; ++j) {
      const ScaleFit& fit = fits[static_cast<size_t>(j)];
      const int scale = round_into(fit.scale * safe_inverse(d), 0, 63);
      const int min = round_into(fit.offset * safe_inverse(dmin), 0, 63);
      block.set_scale_min(j, scale, min);
      const float inverse = safe_inverse(d * static_cast<float>(scale));
      const float offset = dmin * static_cast<float>(min);
      for (int i = 32 * j; i < 32 * j + 32; ++i) {
        block.set_nibble(i, round_into((values[i] + offset) * inverse, 0, 15));
      }
    }
    return block;
  }
};

}  // namespace pio::quant
