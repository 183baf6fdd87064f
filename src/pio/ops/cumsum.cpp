// SPDX-License-Identifier: Apache-2.0
#include "pio/ops/along_axis.h"
#include "pio/ops/checks.h"
#include "pio/ops/lower_rows.h"
#include "pio/ops/op_defs.h"
#include "pio/ops/reduce_ops.h"

namespace pio::ops {

const OpDef kCumsum{.name = "cumsum", .row_inputs = 1};

Tensor cumsum(const Tensor& x, int axis) {
  expect_dtype("cumsum", "x", x);
  const int at = axis_of("cumsum", x.shape(), axis);
  static_cast<void>(x.dim(at).to_int());  // rows of a step belong to many sequences
  return along_axis(x, at, [](const Tensor& last) {
    return Tensor(make(kCumsum, {last.node()}, {}, last.shape()));
  });
}

namespace {

void lower(const NodePtr& node, StepBuilder& builder) {
  Call<kernels::CumsumParams> call{kernels::KernelId::k_cumsum};
  fill_rows(node, builder, call);
  emit_rows(builder, call);
}

}  // namespace

extern const OpLowering cumsum_lowering{&kCumsum, &lower};

}  // namespace pio::ops
