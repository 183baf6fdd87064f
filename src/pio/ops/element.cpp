// SPDX-License-Identifier: Apache-2.0
// add, mul, silu and the fused silu_mul: one kernel with four operations.
#include "pio/ops/checks.h"
#include "pio/ops/op_defs.h"
#include "pio/ops/ops.h"
#include "pio/ops/step_builder.h"

namespace pio::ops {

const OpDef kAdd{.name = "add", .row_inputs = 2};
const OpDef kMul{.name = "mul", .row_inputs = 2};
const OpDef kSilu{.name = "silu", .row_inputs = 1};
const OpDef kSiluMul{.name = "silu_mul", .row_inputs = 2};

namespace {

Tensor binary(const OpDef& op, const Tensor& a, const Tensor& b) {
  const bool fits = a.shape() == b.shape() || (a.shape().rank() > 1 && b.shape() == Shape({a.dim(-1)}));
  PIO_CHECK(fits, "[", op.name, "] got ", a.shape().to_string(), " and ", b.shape().to_string(),
            ", expected equal shapes or a vector of the last axis");
  expect_dtype(op.name, "a", a);
  expect_dtype(op.name, "b", b);
  return Tensor(make(op, {a.node(), b.node()}, {}, a.shape()));
}

template <kernels::ElementOp kOp>
void lower(const NodePtr& node, StepBuilder& builder) {
  Call<kernels::ElementParams> call{kernels::KernelId::k_element};
  auto& p = call.params;
  p.op = kOp;
  const RowsView a = builder.rows(node->input(0), -1);
  call.bind(p.a, a.ref);
  p.a_stride = a.stride();
  p.dim = a.cols;
  call.bind(p.rows, a.rows);
  if (node->inputs().size() > 1) {
    const bool per_row = node->input(1)->shape().rank() == node->shape().rank();
    const RowsView b = builder.rows(node->input(1), per_row ? -1 : 0);
    call.bind(p.b, b.ref);
    p.b_stride = per_row ? b.stride() : 0;
  }
  const RowsView out = builder.result(-1);
  call.bind(p.out, out.ref);
  p.out_stride = out.stride();
  builder.emit(call);
}

}  // namespace

Tensor add(const Tensor& a, const Tensor& b) { return binary(kAdd, a, b); }
Tensor mul(const Tensor& a, const Tensor& b) { return binary(kMul, a, b); }
Tensor silu(const Tensor& x) {
  expect_dtype("silu", "x", x);
  return Tensor(make(kSilu, {x.node()}, {}, x.shape()));
}

extern const OpLowering add_lowering{&kAdd, &lower<kernels::ElementOp::kAdd>};
extern const OpLowering mul_lowering{&kMul, &lower<kernels::ElementOp::kMul>};
extern const OpLowering silu_lowering{&kSilu, &lower<kernels::ElementOp::kSilu>};
extern const OpLowering silu_mul_lowering{&kSiluMul, &lower<kernels::ElementOp::kSiluMul>};

}  // namespace pio::ops
