// SPDX-License-Identifier: Apache-2.0
// GGUF files, versions 2 and 3, little-endian.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pio/base/mmap_file.h"
#include "pio/formats/gguf_metadata.h"
#include "pio/formats/tensor_table.h"
#include "pio/formats/weight_source.h"

namespace pio::formats {

/// A GGUF file: metadata (see GgufMetadata for the getters) and tensors. Opening reads the header
/// only; every length, offset and size in it is checked against the file before it is used.
class GgufFile final : public WeightSource, public GgufMetadata {
 public:
  /// Maps and checks `path`. Errors: kNotFound, kBadFile naming file, key or tensor, and byte
  /// offset.
  explicit GgufFile(const std::filesystem::path& path);
  /// Reads `bytes`, which must outlive this; `name` stands for the path in messages. Errors:
  /// kBadFile.
  GgufFile(std::span<const std::byte> bytes, std::string name);

  [[nodiscard]] const std::vector<TensorInfo>& tensors() const override { return table_.tensors(); }
  [[nodiscard]] const std::vector<OtherTensor>& others() const override { return table_.others(); }
  [[nodiscard]] const TensorInfo* find(std::string_view name) const override {
    return table_.find(name);
  }
  [[nodiscard]] const OtherTensor* find_other(std::string_view name) const override {
    return table_.find_other(name);
  }
  [[nodiscard]] const std::string& path() const override { return path_; }

  /// The format's version: 2 or 3.
  [[nodiscard]] uint32_t version() const noexcept { return version_; }
  /// general.alignment, 32 if absent.
  [[nodiscard]] uint64_t alignment() const noexcept { return alignment_; }

 private:
  void parse(std::span<const std::byte> bytes);
  void read_alignment();
  void read_tensors(ByteReader& reader, uint64_t count, std::span<const std::byte> bytes);

  std::string path_;
  std::optional<MmapFile> file_;
  TensorTable table_;
  uint32_t version_ = 0;
  uint64_t alignment_ = 32;
};

}  // namespace pio::formats
