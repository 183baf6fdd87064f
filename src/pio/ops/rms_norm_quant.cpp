// SPDX-License-Identifier: Apache-2.0
#include "pio/ops/lower_norm.h"
#include "pio/ops/lower_rows.h"

namespace pio::ops {

const OpDef kRmsNormQuant{.name = "rms_norm_quant", .row_inputs = 1};

namespace {

void lower(const NodePtr& node, StepBuilder& builder) {
  Call<kernels::RmsNormQuantParams> call{kernels::KernelId::k_rms_norm_quant};
  fill_norm(node, builder, call, call.params.norm);
  emit_formatted_rows(builder, call);
}

}  // namespace

extern const OpLowering rms_norm_quant_lowering{&kRmsNormQuant, &lower};

}  // namespace pio::ops
