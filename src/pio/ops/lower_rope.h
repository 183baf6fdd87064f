// SPDX-License-Identifier: Apache-2.0
// Shared by the lowerings of rope and rope_kv.
#pragma once

#include "pio/ops/op_defs.h"
#include "pio/ops/step_builder.h"

namespace pio::ops {

/// Sets everything of `p`, a part of call.params, but its output. x: [..., heads, head_dim].
template <class Params>
void fill_rope(const NodePtr& x_node, const NodePtr& table, bool interleaved, StepBuilder& builder,
               Call<Params>& call, kernels::RopeParams& p) {
  const Shape& shape = x_node->shape();
  const RowsView x = builder.rows(x_node, -2);
  call.bind(p.x, x.ref);
  p.x_stride = x.stride();
  call.bind(p.table, builder.rows(table, -1).ref);
  call.bind(p.rows, x.rows);
  p.heads = shape[-2].to_int();
  p.head_dim = shape[-1].to_int();
  p.half = table->shape()[-1].to_int() / 2;
  p.interleaved = interleaved;
}

/// The cache of `state` as kernels see it, its rows placed by the step's inputs.
template <class Params>
void fill_kv(const StateSpec& spec, StepBuilder& builder, Call<Params>& call, kernels::KvView& kv) {
  call.bind(kv.pages, {.space = Space::kState, .id = builder.state(spec)});
  kv.type = builder.kv_type();
  kv.kv_heads = spec.kv_heads;
  kv.head_dim = spec.head_dim;
  kv.value_dim = spec.value_dim;
  kv.page_bytes = kernels::kv_page_bytes(kv.type, kv.kv_heads, kv.head_dim, kv.value_dim);
  kv.table_stride = builder.page_table_stride();
  call.bind(kv.page_tables, step_field(StepField::kPageTables));
  call.bind(kv.positions, step_field(StepField::kPositions));
  call.bind(kv.sequence, step_field(StepField::kSequence));
}

/// The state that k: [..., kv_heads, head_dim] and v: [..., kv_heads, value_dim] are written to.
[[nodiscard]] inline StateSpec state_of(const NodePtr& writer, const Shape& k, const Shape& v) {
  return {.name = writer->attrs().get_string("state"),
          .kv_heads = k[-2].to_int(),
          .head_dim = k[-1].to_int(),
          .value_dim = v[-1].to_int()};
}

}  // namespace pio::ops
