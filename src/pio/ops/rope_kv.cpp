// SPDX-License-Identifier: Apache-2.0
#include "pio/ops/lower_rope.h"

namespace pio::ops {

const OpDef kRopeKv{.name = "rope_kv"};

namespace {

void lower(const NodePtr& node, StepBuilder& builder) {
  Call<kernels::RopeKvParams> call{kernels::KernelId::k_rope_kv};
  auto& p = call.params;
  const NodePtr& k = node->input(1);
  const NodePtr& v = node->input(2);
  const NodePtr& table = node->input(3);
  const bool interleaved = node->attrs().get_int("interleaved") != 0;
  fill_rope(node->input(0), table, interleaved, builder, call, p.q);
  fill_rope(k, table, interleaved, builder, call, p.k);
  if (node->inputs().size() > 4) {
    call.bind(p.q.norm, builder.values(node->input(4)));
    call.bind(p.k.norm, builder.values(node->input(5)));
    p.q.eps = p.k.eps = static_cast<float>(node->attrs().get_double("eps"));
  }
  const RowsView values = builder.rows(v, -2);
  call.bind(p.v, values.ref);
  p.v_stride = values.stride();
  fill_kv(state_of(node, k->shape(), v->shape()), builder, call, p.kv);
  const RowsView out = builder.result(-2);
  call.bind(p.q.out, out.ref);
  p.q.out_stride = out.stride();
  builder.emit(call);
}

}  // namespace

extern const OpLowering rope_kv_lowering{&kRopeKv, &lower};

}  // namespace pio::ops
