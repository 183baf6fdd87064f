// SPDX-License-Identifier: Apache-2.0
#include "pio/formats/weight_source.h"

#include "pio/base/error.h"

namespace pio::formats {

int64_t TensorInfo::count() const {
  int64_t out = 1;
  for (const int64_t dim : shape) {
    if (__builtin_mul_overflow(out, dim, &out)) {
      fail(ErrorCode::kBadFile, concat("tensor \"", escaped(name), "\": shape ", shape_text(shape),
                                       " has too many elements"));
    }
  }
  return out;
}

WeightSource::~WeightSource() = default;

const std::vector<OtherTensor>& WeightSource::others() const {
  static const std::vector<OtherTensor> kNone;
  return kNone;
}

const TensorInfo* WeightSource::find(std::string_view name) const {
  for (const TensorInfo& tensor : tensors()) {
    if (tensor.name == name) {
      return &tensor;
    }
  }
  return nullptr;
}

const OtherTensor* WeightSource::find_other(std::string_view name) const {
  for (const OtherTensor& tensor : others()) {
    if (tensor.name == name) {
      return &tensor;
    }
  }
  return nullptr;
}

const TensorInfo& WeightSource::require(std::string_view name) const {
  if (const TensorInfo* tensor = find(name)) {
    return *tensor;
  }
  if (const OtherTensor* other = find_other(name)) {
    fail(ErrorCode::kUnsupported,
         concat(escaped(path(), 4096), ": tensor \"", escaped(name), "\" has type ", other->dtype,
                ", which no weight kernel reads"));
  }
  fail(ErrorCode::kBadFile,
       concat(escaped(path(), 4096), ": tensor \"", escaped(name), "\" is missing"));
}

std::string shape_text(const std::vector<int64_t>& shape) {
  std::string out = "[";
  for (size_t i = 0; i < shape.size(); ++i) {
    out += concat(i == 0 ? "" : ", ", shape[i]);
  }
  return out + "]";
}

}  // namespace pio::formats
