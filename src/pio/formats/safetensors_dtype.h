// SPDX-License-Identifier: Apache-2.0
// The element types of the safetensors format.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pio/quant/quant_type.h"

namespace pio::formats {

/// An element type of safetensors 0.8.
struct SafetensorsDtype {
  std::string_view name;
  uint64_t bits;                           ///< of one element; 4 and 6 occur
  std::optional<quant::QuantType> weight;  ///< the weight format, where it is one
};

/// The type called `name` (upper case), or nullptr.
[[nodiscard]] const SafetensorsDtype* find_safetensors_dtype(std::string_view name) noexcept;

/// "BOOL, F4, ...", for messages.
[[nodiscard]] std::string safetensors_dtype_names();

/// What a tensor takes, or why that cannot be said.
struct SafetensorsSize {
  uint64_t bytes = 0;
  std::string_view problem;  ///< empty, "overflow ..." or "misaligned ...", for messages
};

/// Bytes of a tensor of `shape` (dims >= 0). A problem if the product of the dims that are not 0,
/// or the size in bits, exceeds 64 bits, or if the last byte would be filled in part.
[[nodiscard]] SafetensorsSize safetensors_size(const SafetensorsDtype& dtype,
                                               const std::vector<int64_t>& shape) noexcept;

}  // namespace pio::formats
