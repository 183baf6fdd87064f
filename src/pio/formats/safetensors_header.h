// SPDX-License-Identifier: Apache-2.0
// The JSON header of a safetensors file, read and checked for itself: names, types, shapes,
// offsets.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pio/formats/safetensors_dtype.h"

namespace pio::formats {

/// One tensor of the header; offsets count from the start of the data.
struct SafetensorsEntry {
  std::string name;
  const SafetensorsDtype* dtype = nullptr;
  std::vector<int64_t> shape;
  uint64_t begin = 0;
  uint64_t end = 0;
  uint64_t at = 0;  ///< byte of the file where the entry's name ends, for messages
};

/// What the header says.
struct SafetensorsHeader {
  std::vector<SafetensorsEntry> entries;  ///< in header order; each has end - begin = its size
  std::vector<std::pair<std::string, std::string>> metadata;  ///< of "__metadata__", in order
};

/// Parses header `text`, which lies at byte `start` of file `source`. Errors: kBadFile with file,
/// byte and tensor: syntax, duplicate keys, unknown dtype, more than 8 dimensions, sizes that
/// overflow or differ from the offsets, metadata that is not text.
[[nodiscard]] SafetensorsHeader parse_safetensors_header(std::string_view text, uint64_t start,
                                                         std::string_view source);

}  // namespace pio::formats
