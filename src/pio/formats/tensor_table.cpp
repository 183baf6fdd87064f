// SPDX-License-Identifier: Apache-2.0
#include "pio/formats/tensor_table.h"

#include <algorithm>

namespace pio::formats {
namespace {

template <class T>
std::vector<const T*> sorted_by_name(const std::vector<T>& tensors) {
  std::vector<const T*> out;
  out.reserve(tensors.size());
  for (const T& tensor : tensors) {
    out.push_back(&tensor);
  }
  std::sort(out.begin(), out.end(), [](const T* a, const T* b) { return a->name < b->name; });
  return out;
}

template <class T>
const T* find_in(const std::vector<const T*>& by_name, std::string_view name) {
  const auto at = std::lower_bound(
      by_name.begin(), by_name.end(), name,
      [](const T* tensor, std::string_view wanted) { return tensor->name < wanted; });
  return at != by_name.end() && (*at)->name == name ? *at : nullptr;
}

template <class T>
const T* find_twice(const std::vector<const T*>& by_name) {
  const auto twice = std::adjacent_find(by_name.begin(), by_name.end(),
                                        [](const T* a, const T* b) { return a->name == b->name; });
  return twice != by_name.end() ? *twice : nullptr;
}

}  // namespace

std::optional<std::string> TensorTable::build_index() {
  by_name_ = sorted_by_name(tensors_);
  others_by_name_ = sorted_by_name(others_);
  if (const TensorInfo* twice = find_twice(by_name_)) {
    return twice->name;
  }
  if (const OtherTensor* twice = find_twice(others_by_name_)) {
    return twice->name;
  }
  for (const OtherTensor& other : others_) {
    if (find(other.name) != nullptr) {
      return other.name;
    }
  }
  return std::nullopt;
}

const TensorInfo* TensorTable::find(std::string_view name) const noexcept {
  return find_in(by_name_, name);
}

const OtherTensor* TensorTable::find_other(std::string_view name) const noexcept {
  return find_in(others_by_name_, name);
}

}  // namespace pio::formats
