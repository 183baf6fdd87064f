// SPDX-License-Identifier: Apache-2.0
#include "pio/ops/along_axis.h"
#include "pio/ops/checks.h"
#include "pio/ops/lower_rows.h"
#include "pio/ops/op_defs.h"
#include "pio/ops/reduce_ops.h"

namespace pio::ops {

const OpDef kSoftmax{.name = "softmax", .row_inputs = 1};

Tensor softmax(const Tensor& x, int axis) {
  PIO_CHECK(x.shape().rank() >= 1, "[softmax] got a scalar, expected x [..., dim]");
  expect_dtype("softmax", "x", x);
  const int at = axis_of("softmax", x.shape(), axis);
  if (x.dim(at).to_int() == 0) {
    return x;
  }
  return along_axis(x, at, [](const Tensor& last) {
    return Tensor(make(kSoftmax, {last.node()}, {}, last.shape()));
  });
}

namespace {

void lower(const NodePtr& node, StepBuilder& builder) {
  Call<kernels::SoftmaxParams> call{kernels::KernelId::k_softmax};
  fill_rows(node, builder, call);
  emit_rows(builder, call);
}

}  // namespace

extern const OpLowering softmax_lowering{&kSoftmax, &lower};

}  // namespace pio::ops
