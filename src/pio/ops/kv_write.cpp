// SPDX-License-Identifier: Apache-2.0
#include "pio/ops/lower_rope.h"

namespace pio::ops {

const OpDef kKvWrite{.name = "kv_write"};

namespace {

void lower(const NodePtr& node, StepBuilder& builder) {
  Call<kernels::KvWriteParams> call{kernels::KernelId::k_kv_write};
  auto& p = call.params;
  const RowsView k = builder.rows(node->input(0), -2);
  const RowsView v = builder.rows(node->input(1), -2);
  call.bind(p.k, k.ref);
  p.k_stride = k.stride();
  call.bind(p.v, v.ref);
  p.v_stride = v.stride();
  call.bind(p.rows, k.rows);
  fill_kv(state_of(node, node->input(0)->shape(), node->input(1)->shape()), builder, call, p.kv);
  builder.emit(call);
}

}  // namespace

extern const OpLowering kv_write_lowering{&kKvWrite, &lower};

}  // namespace pio::ops
