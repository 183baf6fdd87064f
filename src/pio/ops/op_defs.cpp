// SPDX-License-Identifier: Apache-2.0
#include "pio/ops/op_defs.h"

namespace pio::ops {

const OpDef kStack{.name = "stack", .is_leaf = true};

NodePtr make(const OpDef& op, std::vector<NodePtr> inputs, tensor::Attrs attrs, Shape shape,
             DType dtype) {
  return std::make_shared<Node>(op, std::move(inputs), std::move(attrs), std::move(shape), dtype);
}

int row_split(const Shape& shape) {
  for (int axis = 0; axis < shape.rank(); ++axis) {
    if (shape[axis].is_named()) {
      return axis + 1;
    }
  }
  return 0;
}

}  // namespace pio::ops
