// SPDX-License-Identifier: Apache-2.0
// The tensors of one source with an index by name; what the readers fill and answer from.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pio/formats/weight_source.h"

namespace pio::formats {

/// Tensors in file order, both kinds found by name through sorted indices (8 bytes a tensor).
class TensorTable {
 public:
  void add(TensorInfo tensor) { tensors_.push_back(std::move(tensor)); }
  void add(OtherTensor tensor) { others_.push_back(std::move(tensor)); }

  /// Builds the index; to be called once, after the last add(). Returns a name that occurs twice
  /// (among tensors and others together), or nothing.
  [[nodiscard]] std::optional<std::string> build_index();

  [[nodiscard]] const std::vector<TensorInfo>& tensors() const noexcept { return tensors_; }
  [[nodiscard]] const std::vector<OtherTensor>& others() const noexcept { return others_; }
  /// The tensor `name`, or nullptr.
  [[nodiscard]] const TensorInfo* find(std::string_view name) const noexcept;
  /// The tensor `name` of the other kind, or nullptr.
  [[nodiscard]] const OtherTensor* find_other(std::string_view name) const noexcept;

 private:
  std::vector<TensorInfo> tensors_;
  std::vector<OtherTensor> others_;
  std::vector<const TensorInfo*> by_name_;
  std::vector<const OtherTensor*> others_by_name_;
};

}  // namespace pio::formats
