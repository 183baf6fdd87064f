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

#include "pio/formats/atomic_file.h"

namespace pio::formats {

using SafetensorsMetadata = std::vector<std::pair<std::string, std::string>>;

/// A tensor to write whose bytes come later.
struct NewTensorInfo {
  std::string name;
  std::string dtype;  ///< as the format spells it
  std::vector<int64_t> shape;
};

/// Writes a file whose bytes need not be in memory at once: a temporary file in the same folder, renamed
/// by commit(); without commit() nothing is left.
class SafetensorsWriter {
 public:
  /// Errors: kInvalidArgument naming the tensor (unknown dtype, a shape without a size, name twice or not
  /// UTF-8); those of AtomicFile.
  SafetensorsWriter(const std::filesystem::path& path, const std::vector<NewTensorInfo>& tensors,
                    const SafetensorsMetadata& metadata = {});

  /// Appends to the tensors' bytes, which follow one another in the order given. Errors: kInvalidArgument
  /// beyond the last; those of AtomicFile.
  void append(std::span<const std::byte> bytes);
  /// Errors: kInternal if bytes are missing; those of AtomicFile.
  void commit();

 private:
  AtomicFile file_;
  uint64_t left_ = 0;  // bytes to come
};

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
                       const SafetensorsMetadata& metadata = {});

}  // namespace pio::formats
