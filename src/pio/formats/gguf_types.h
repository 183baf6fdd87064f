// SPDX-License-Identifier: Apache-2.0
// GGUF's tensor types by number: names and block sizes, also of those that no kernel reads.
#pragma once

#include <cstdint>
#include <string_view>

namespace pio::formats {

/// A tensor type of GGUF.
struct GgufTensorType {
  uint32_t id;
  std::string_view name;
  uint64_t block_weights;
  uint64_t block_bytes;  ///< 0: removed from the format, no file may use it
};

/// The type with number `id`, or nullptr if GGUF has none.
[[nodiscard]] const GgufTensorType* find_gguf_tensor_type(uint32_t id) noexcept;

}  // namespace pio::formats
