// SPDX-License-Identifier: Apache-2.0
#include "pio/ops/broadcast.h"
#include "pio/ops/checks.h"
#include "pio/ops/op_defs.h"
#include "pio/ops/shape_ops.h"
#include "pio/ops/strided.h"

namespace pio::ops {

const OpDef kExpand{.name = "expand", .row_inputs = 1};

Tensor expand(const Tensor& x, const Shape& shape) {
  expect_number("expand", "x", x);
  PIO_CHECK(broadcasts_to(x.shape(), shape), "[expand] got ", x.shape().to_string(),
            ", expected one that broadcasts to ", shape.to_string());
  if (x.shape() == shape) {
    return x;
  }
  expect_strided("expand", x.shape());
  expect_strided("expand", shape);
  return Tensor(make(kExpand, {x.node()}, {}, shape, x.dtype()));
}

namespace {

void lower(const NodePtr& node, StepBuilder& builder) {
  const Shape& from = node->input(0)->shape();
  const Shape& shape = node->shape();
  StridedArray x = strided(node->input(0), builder);
  for (int axis = 0; axis < from.rank(); ++axis) {
    if (from[axis] != shape[axis + shape.rank() - from.rank()]) {
      x.strides[static_cast<size_t>(axis)] = 0;
    }
  }
  x.strides.insert(x.strides.begin(), static_cast<size_t>(shape.rank() - from.rank()), 0);
  emit_copy(shape, x, strided_result(node, builder), builder);
}

}  // namespace

extern const OpLowering expand_lowering{&kExpand, &lower};

}  // namespace pio::ops
