// SPDX-License-Identifier: Apache-2.0
#include "pio/ops/lower_norm.h"

namespace pio::ops {

const OpDef kRmsNormQuant{.name = "rms_norm_quant", .row_inputs = 1};

namespace {

void lower(const NodePtr& node, StepBuilder& builder) {
  Call<kernels::RmsNormQuantParams> call{kernels::KernelId::k_rms_norm_quant};
  fill_norm(node, builder, call, call.params.norm);
  const RowsView out = builder.result(-1);
  call.bind(call.params.out, out.ref);
  call.params.out_stride_bytes = out.stride_bytes;
  builder.emit(call);
}

}  // namespace

extern const OpLowering rms_norm_quant_lowering{&kRmsNormQuant, &lower};

}  // namespace pio::ops
