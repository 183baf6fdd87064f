// SPDX-License-Identifier: Apache-2.0
#include "pio/formats/weight_source.h"

#include "pio/base/error.h"

namespace pio::formats {

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

const TensorInfo& WeightSource::require(std::string_view name) const {
  if (const TensorInfo* tensor = find(name)) {
    return *tensor;
  }
  for (const OtherTensor& other : others()) {
    if (other.name == name) {
      fail(ErrorCode::kUnsupported,
           concat(escaped(path(), 4096), ": tensor \"", escaped(name), "\" has type ", other.dtype,
                  ", which no weight kernel reads"));
    }
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
