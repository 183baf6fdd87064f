// SPDX-License-Identifier: Apache-2.0
#include "pio/formats/tensor_table.h"

#include <algorithm>

namespace pio::formats {
namespace {

constexpr auto kByName = [](const TensorInfo* a, const TensorInfo* b) { return a->name < b->name; };

}  // namespace

std::optional<std::string> TensorTable::build_index() {
  by_name_.clear();
  by_name_.reserve(tensors_.size());
  for (const TensorInfo& tensor : tensors_) {
    by_name_.push_back(&tensor);
  }
  std::sort(by_name_.begin(), by_name_.end(), kByName);
  const auto same = [](const TensorInfo* a, const TensorInfo* b) { return a->name == b->name; };
  if (const auto twice = std::adjacent_find(by_name_.begin(), by_name_.end(), same);
      twice != by_name_.end()) {
    return (*twice)->name;
  }
  std::vector<std::string_view> other_names;
  for (const OtherTensor& other : others_) {
    if (find(other.name) != nullptr) {
      return other.name;
    }
    other_names.push_back(other.name);
  }
  std::sort(other_names.begin(), other_names.end());
  if (const auto twice = std::adjacent_find(other_names.begin(), other_names.end());
      twice != other_names.end()) {
    return std::string(*twice);
  }
  return std::nullopt;
}

const TensorInfo* TensorTable::find(std::string_view name) const noexcept {
  const auto at = std::lower_bound(
      by_name_.begin(), by_name_.end(), name,
      [](const TensorInfo* tensor, std::string_view wanted) { return tensor->name < wanted; });
  return at != by_name_.end() && (*at)->name == name ? *at : nullptr;
}

}  // namespace pio::formats
