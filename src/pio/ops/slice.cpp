// SPDX-License-Identifier: Apache-2.0
#include "pio/ops/checks.h"
#include "pio/ops/op_defs.h"
#include "pio/ops/shape_ops.h"
#include "pio/ops/strided.h"

namespace pio::ops {

const OpDef kStridedSlice{.name = "strided_slice", .row_inputs = 1};

Tensor slice(const Tensor& x, int axis, int64_t begin, int64_t end, int64_t step) {
  expect_number("slice", "x", x);
  const int at = axis_of("slice", x.shape(), axis);
  const int64_t size = x.dim(at).to_int();
  PIO_CHECK(begin >= 0 && begin <= end && end <= size && step >= 1, "[slice] got ", begin, " to ", end, " by ", step,
            " of axis ", at, " of ", x.shape().to_string(), ", expected 0 <= begin <= end <= ", size,
            " and a step of at least 1");
  if (begin == 0 && end == size && step == 1) {
    return x;
  }
  if (at == x.shape().rank() - 1 && step == 1) {
    return x.slice_last(begin, end);
  }
  expect_strided("slice", x.shape());
  return Tensor(make(kStridedSlice, {x.node()}, {{"axis", int64_t{at}}, {"begin", begin}, {"step", step}},
                     x.shape().with(at, (end - begin + step - 1) / step), x.dtype()));
}

namespace {

void lower(const NodePtr& node, StepBuilder& builder) {
  const auto axis = static_cast<int>(node->attrs().get_int("axis"));
  StridedArray x = strided(node->input(0), builder);
  x.advance(axis, node->attrs().get_int("begin"));
  x.strides[static_cast<size_t>(axis)] *= node->attrs().get_int("step");
  emit_copy(node->shape(), x, strided_result(node, builder), builder);
}

}  // namespace

extern const OpLowering strided_slice_lowering{&kStridedSlice, &lower};

}  // namespace pio::ops
