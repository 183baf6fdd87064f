// SPDX-License-Identifier: Apache-2.0
// Writes safetensors files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace pio::formats {

/// A tensor to write.
struct NewTensor {
  std::string name;
  std::string dtype;  ///< as the format spells it: "F32", "BF16", "I64" ...
  std::vector<int64_t> shape;
  std::span<const std::byte> bytes;  ///< row-major, little-endian
};

/// Writes `tensors` in the given order to `path`: a temporary file in the same folder, renamed when
/// whole. The data begin at a multiple of 8 bytes. Errors: kInvalidArgument naming the tensor
/// (unknown dtype, bytes that do not fit dtype and shape, name twice or not UTF-8); kNotFound or
/// kBadFile if the file cannot be written.
void write_safetensors(const std::filesystem::path& path, const std::vector<NewTensor>& tensors,
                       const std::vector<std::pair<std::string, std::string>>& metadata = {});

}  // namespace pio::formats
