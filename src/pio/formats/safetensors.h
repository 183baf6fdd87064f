// SPDX-License-Identifier: Apache-2.0
// One safetensors file.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "pio/base/mmap_file.h"
#include "pio/formats/tensor_table.h"
#include "pio/formats/weight_source.h"

namespace pio::formats {

/// A safetensors file: F32, F16 and BF16 tensors are tensors(), all other dtypes others(). Opening
/// reads the header only. As the reference implementation it demands that the tensors fill the data
/// without hole or overlap; unlike it, a key that occurs twice is refused (the format forbids it).
class SafetensorsFile final : public WeightSource {
 public:
  /// Maps and checks `path`. Errors: kNotFound, kBadFile naming file, tensor and byte offset.
  explicit SafetensorsFile(const std::filesystem::path& path);
  /// Reads `bytes`, which must outlive this; `name` stands for the path in messages. Errors:
  /// kBadFile.
  SafetensorsFile(std::span<const std::byte> bytes, std::string name);

  /// In the order of their data.
  [[nodiscard]] const std::vector<TensorInfo>& tensors() const override { return table_.tensors(); }
  [[nodiscard]] const std::vector<OtherTensor>& others() const override { return table_.others(); }
  [[nodiscard]] const TensorInfo* find(std::string_view name) const override {
    return table_.find(name);
  }
  [[nodiscard]] const OtherTensor* find_other(std::string_view name) const override {
    return table_.find_other(name);
  }
  [[nodiscard]] const std::string& path() const override { return path_; }

  /// The pairs of "__metadata__", in file order.
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& metadata() const noexcept {
    return metadata_;
  }

 private:
  void parse(std::span<const std::byte> bytes);

  std::string path_;
  std::optional<MmapFile> file_;
  TensorTable table_;
  std::vector<std::pair<std::string, std::string>> metadata_;
};

}  // namespace pio::formats
