// SPDX-License-Identifier: Apache-2.0
// The weight formats that a tensor in a file may have, and what each can do, in one table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace pio::quant {

/// Format of a weight tensor: plain floats, or blocks of quantized weights along the last axis.
enum class QuantType : uint8_t {
#define PIO_QUANT_TYPE(id, name, gguf_id, block, bytes) k##id,
#include "pio/quant/quant_types.inc"
#undef PIO_QUANT_TYPE
};

/// Facts and scalar codecs of one format. A row is a run of whole blocks.
struct QuantTraits {
  QuantType type;
  std::string_view name;  ///< "Q4_0", as GGUF spells it
  uint32_t gguf_id;       ///< GGUF's tensor type number
  int64_t block_weights;  ///< weights in a block: 1, 32 or 256
  int64_t block_bytes;    ///< bytes of a block
  /// blocks: count / block_weights blocks; out: [count] f32, bit-equal to the gguf package's
  /// decoder.
  void (*dequantize)(const std::byte* blocks, float* out, int64_t count);
  /// values: [count] f32; blocks: room for count / block_weights blocks. Null where only reading is
  /// offered.
  void (*quantize)(const float* values, std::byte* blocks, int64_t count);
};

/// The traits of `type`.
[[nodiscard]] const QuantTraits& traits(QuantType type) noexcept;

/// The format with GGUF's number `gguf_id`, or nothing.
[[nodiscard]] std::optional<QuantType> from_gguf_id(uint32_t gguf_id) noexcept;

/// Bytes of `count` weights (a multiple of the block).
[[nodiscard]] inline int64_t size_bytes(QuantType type, int64_t count) noexcept {
  const QuantTraits& t = traits(type);
  return count / t.block_weights * t.block_bytes;
}

}  // namespace pio::quant
