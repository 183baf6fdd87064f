// SPDX-License-Identifier: Apache-2.0
#include "pio/ops/op_defs.h"
#include "pio/ops/step_builder.h"

namespace pio::ops {

const OpDef kRopeTable{.name = "rope_table", .row_inputs = 1};

namespace {

void lower(const NodePtr& node, StepBuilder& builder) {
  Call<kernels::RopeTableParams> call{kernels::KernelId::k_rope_table};
  auto& p = call.params;
  const NodePtr& positions = node->input(0);
  call.bind(p.positions, builder.rows(positions, positions->shape().rank()).ref);
  call.bind(p.inv_freq, builder.values(node->input(1)));
  const RowsView out = builder.result(-1);
  call.bind(p.rows, out.rows);
  p.half = out.cols / 2;
  p.factor = static_cast<float>(node->attrs().get_double("factor"));
  call.bind(p.out, out.ref);
  builder.emit(call);
}

}  // namespace

extern const OpLowering rope_table_lowering{&kRopeTable, &lower};

}  // namespace pio::ops
