// SPDX-License-Identifier: Apache-2.0
#include "pio/tensor/tensor.h"

#include <algorithm>

#include "pio/base/error.h"

namespace pio::tensor {

const OpDef kParameter{.name = "parameter", .is_leaf = true};
const OpDef kConstant{.name = "constant", .is_leaf = true};
const OpDef kInput{.name = "input", .is_leaf = true};
const OpDef kReshape{.name = "reshape", .is_view = true};
const OpDef kSlice{.name = "slice", .row_inputs = 1, .is_view = true};

namespace {

// F32 and i32 both take 4 bytes; the node's dtype tells them apart.
NodePtr constant(std::vector<std::byte> bytes, const Shape& shape, DType dtype) {
  const auto owned = std::make_shared<std::vector<std::byte>>(std::move(bytes));
  auto slot = std::make_shared<Slot>();
  slot->shape = shape;
  slot->loaded = true;
  slot->data = *owned;
  slot->owner = owned;
  return std::make_shared<Node>(kConstant, std::vector<NodePtr>{}, Attrs{}, shape, dtype,
                                std::move(slot));
}

template <class T>
NodePtr copied(std::span<const T> data, const Shape& shape, DType dtype) {
  PIO_CHECK(static_cast<int64_t>(data.size()) == shape.elements(), "[tensor] got ", data.size(),
            " values, expected ", shape.elements(), " for shape ", shape.to_string());
  std::vector<std::byte> bytes(data.size_bytes());
  std::ranges::copy(std::as_bytes(data), bytes.begin());
  return constant(std::move(bytes), shape, dtype);
}

}  // namespace

Tensor::Tensor(std::span<const float> data, const Shape& shape)
    : node_(copied(data, shape, DType::kF32)) {}
Tensor::Tensor(std::span<const int32_t> data, const Shape& shape)
    : node_(copied(data, shape, DType::kI32)) {}

Tensor Tensor::full(const Shape& shape, float value) {
  const std::vector<float> values(static_cast<size_t>(shape.elements()), value);
  return Tensor(values, shape);
}

Tensor Tensor::reshape(const Shape& to) const {
  const Dim from_size = shape().product(0, shape().rank());
  const Dim to_size = to.product(0, to.rank());
  PIO_CHECK(from_size == to_size, "[reshape] got ", shape().to_string(), ", which has not the size of ",
            to.to_string());
  return Tensor(std::make_shared<Node>(kReshape, std::vector<NodePtr>{node_}, Attrs{}, to, dtype()));
}

Tensor Tensor::slice_last(int64_t begin, int64_t end) const {
  const int64_t width = dim(-1).to_int();
  PIO_CHECK(begin >= 0 && begin <= end && end <= width, "[slice] got columns ", begin, " to ", end,
            " of ", shape().to_string());
  return Tensor(std::make_shared<Node>(kSlice, std::vector<NodePtr>{node_},
                                       Attrs{{"begin", begin}, {"end", end}},
                                       shape().with(-1, end - begin), dtype()));
}

Tensor parameter(std::shared_ptr<Slot> slot) {
  const Shape shape = slot->shape;
  return Tensor(std::make_shared<Node>(kParameter, std::vector<NodePtr>{}, Attrs{}, shape, DType::kF32,
                                       std::move(slot)));
}

}  // namespace pio::tensor
