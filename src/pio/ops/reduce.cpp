// SPDX-License-Identifier: Apache-2.0
// sum, mean, max, min and argmax: one kernel with an operation code, over the last axis.
#include "pio/ops/along_axis.h"
#include "pio/ops/checks.h"
#include "pio/ops/op_defs.h"
#include "pio/ops/reduce_ops.h"
#include "pio/ops/step_builder.h"

namespace pio::ops {

const OpDef kSum{.name = "sum", .row_inputs = 1};
const OpDef kMean{.name = "mean", .row_inputs = 1};
const OpDef kMax{.name = "max", .row_inputs = 1};
const OpDef kMin{.name = "min", .row_inputs = 1};
const OpDef kArgmax{.name = "argmax", .row_inputs = 1};

namespace {

using kernels::ReduceOp;

Tensor reduced(const OpDef& op, const Tensor& x, int axis, bool keepdim, DType dtype = DType::kF32) {
  const int at = axis_of(op.name, x.shape(), axis);
  const int64_t size = x.dim(at).to_int();
  const bool has_empty = &op == &kSum || &op == &kMean;
  PIO_CHECK(size > 0 || has_empty, "[", op.name, "] got ", x.shape().to_string(),
            ", expected at least one element on axis ", at);
  const Tensor last = permute(x, axis_to_last(x.shape().rank(), at));
  std::vector<Dim> dims = last.shape().dims();
  dims.pop_back();
  const Tensor out(make(op, {last.node()}, {}, Shape(std::move(dims)), dtype));
  return keepdim ? out.reshape(x.shape().with(at, 1)) : out;
}

Tensor reduced_f32(const OpDef& op, const Tensor& x, int axis, bool keepdim) {
  expect_dtype(op.name, "x", x);
  return reduced(op, x, axis, keepdim);
}

template <ReduceOp kOp>
void lower(const NodePtr& node, StepBuilder& builder) {
  Call<kernels::ReduceParams> call{kernels::KernelId::k_reduce};
  auto& p = call.params;
  const bool is_i32 = node->input(0)->dtype() == DType::kI32;
  p.op = kOp == ReduceOp::kArgmax && is_i32 ? ReduceOp::kArgmaxI32 : kOp;
  const RowsView x = builder.rows(node->input(0), -1);
  call.bind(p.x, x.ref);
  p.x_stride = x.stride();
  call.bind(p.rows, x.rows);
  p.dim = x.cols;
  call.bind(p.out, builder.result(0).ref);
  builder.emit(call);
}

}  // namespace

Tensor sum(const Tensor& x, int axis, bool keepdim) { return reduced_f32(kSum, x, axis, keepdim); }
Tensor mean(const Tensor& x, int axis, bool keepdim) { return reduced_f32(kMean, x, axis, keepdim); }
Tensor max(const Tensor& x, int axis, bool keepdim) { return reduced_f32(kMax, x, axis, keepdim); }
Tensor min(const Tensor& x, int axis, bool keepdim) { return reduced_f32(kMin, x, axis, keepdim); }
Tensor argmax(const Tensor& x, int axis, bool keepdim) {
  expect_number("argmax", "x", x);
  return reduced(kArgmax, x, axis, keepdim, DType::kI32);
}

extern const OpLowering sum_lowering{&kSum, &lower<ReduceOp::kSum>};
extern const OpLowering mean_lowering{&kMean, &lower<ReduceOp::kMean>};
extern const OpLowering max_lowering{&kMax, &lower<ReduceOp::kMax>};
extern const OpLowering min_lowering{&kMin, &lower<ReduceOp::kMin>};
extern const OpLowering argmax_lowering{&kArgmax, &lower<ReduceOp::kArgmax>};

}  // namespace pio::ops
