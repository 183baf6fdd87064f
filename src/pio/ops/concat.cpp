// SPDX-License-Identifier: Apache-2.0
#include "pio/ops/checks.h"
#include "pio/ops/op_defs.h"
#include "pio/ops/shape_ops.h"
#include "pio/ops/strided.h"

namespace pio::ops {

const OpDef kConcat{.name = "concat"};

Tensor concat(const std::vector<Tensor>& tensors, int axis) {
  PIO_CHECK(!tensors.empty(), "[concat] got no tensors, expected at least one");
  const Tensor& first = tensors[0];
  expect_number("concat", "a tensor", first);
  const int at = axis_of("concat", first.shape(), axis);
  int64_t total = 0;
  std::vector<NodePtr> inputs;
  for (const Tensor& part : tensors) {
    expect_dtype("concat", "a tensor", part, first.dtype());
    PIO_CHECK(part.shape().rank() == first.shape().rank() &&
                  part.shape().with(at, first.dim(at)) == first.shape(),
              "[concat] got ", first.shape().to_string(), " and ", part.shape().to_string(),
              ", expected shapes that differ on axis ", at, " alone");
    total += part.dim(at).to_int();
    inputs.push_back(part.node());
  }
  if (tensors.size() == 1) {
    return first;
  }
  const Shape shape = first.shape().with(at, total);
  expect_strided("concat", shape);
  return Tensor(make(kConcat, std::move(inputs), {{"axis", int64_t{at}}}, shape, first.dtype()));
}

namespace {

void lower(const NodePtr& node, StepBuilder& builder) {
  const auto axis = static_cast<int>(node->attrs().get_int("axis"));
  StridedArray out = strided_result(node, builder);
  for (const NodePtr& part : node->inputs()) {
    emit_copy(part->shape(), strided(part, builder), out, builder);
    out.advance(axis, part->shape()[axis].to_int());
  }
}

}  // namespace

extern const OpLowering concat_lowering{&kConcat, &lower};

}  // namespace pio::ops
