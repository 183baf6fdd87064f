// SPDX-License-Identifier: Apache-2.0
#include "pio/base/error.h"
#include "pio/ops/op_defs.h"
#include "pio/ops/ops.h"
#include "pio/ops/step_builder.h"

namespace pio::ops {

const OpDef kGatherRows{.name = "gather_rows"};

Tensor gather_rows(const Tensor& x, const Tensor& index) {
  PIO_CHECK(x.shape().rank() >= 2 && x.dim(0) == Dim(1), "[gather_rows] got x ", x.shape().to_string(),
            ", expected [1, rows, ...]");
  PIO_CHECK(index.shape().rank() == 1 && index.dtype() == DType::kI32, "[gather_rows] got index ",
            index.shape().to_string(), " ", name(index.dtype()), ", expected [wanted] i32");
  return Tensor(make(kGatherRows, {x.node(), index.node()}, {}, x.shape().with(1, index.dim(0)),
                     x.dtype()));
}

namespace {

void lower(const NodePtr& node, StepBuilder& builder) {
  Call<kernels::CopyRowsParams> call{kernels::KernelId::k_copy_rows};
  auto& p = call.params;
  const RowsView x = builder.rows(node->input(0), 2);
  call.bind(p.x, x.ref);
  p.x_stride_bytes = x.stride_bytes;
  call.bind(p.x_rows, x.rows);
  call.bind(p.index, builder.rows(node->input(1), 1).ref);
  const RowsView out = builder.result(2);
  call.bind(p.rows, out.rows);
  p.row_bytes = out.stride_bytes;
  call.bind(p.out, out.ref);
  p.out_stride_bytes = out.stride_bytes;
  builder.emit(call);
}

}  // namespace

extern const OpLowering gather_rows_lowering{&kGatherRows, &lower};

}  // namespace pio::ops
