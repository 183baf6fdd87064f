// SPDX-License-Identifier: Apache-2.0
#include "pio/ops/lower_rows.h"
#include "pio/ops/op_defs.h"

namespace pio::ops {

const OpDef kQuantRows{.name = "quant_rows", .row_inputs = 1};

namespace {

void lower(const NodePtr& node, StepBuilder& builder) {
  Call<kernels::QuantRowsParams> call{kernels::KernelId::k_quant_rows};
  fill_rows(node, builder, call);
  emit_formatted_rows(builder, call);
}

}  // namespace

extern const OpLowering quant_rows_lowering{&kQuantRows, &lower};

}  // namespace pio::ops
