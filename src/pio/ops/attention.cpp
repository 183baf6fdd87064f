// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "pio/base/checked.h"
#include "pio/kernels/attention_split.h"
#include "pio/ops/lower_rope.h"

namespace pio::ops {

const OpDef kAttention{.name = "attention"};

namespace {

// The writer, kv_write or rope_kv, knows the state's form.
StateSpec written_by(const NodePtr& writer) {
  const size_t k = writer->is(kRopeKv) ? 1 : 0;
  return state_of(writer, writer->input(k)->shape(), writer->input(k + 1)->shape());
}

// Room for the parts of kSplitRows rows at any depth that the page tables allow, or at the depth that fits 256.
void bind_parts(StepBuilder& builder, Call<kernels::AttentionParams>& call) {
  auto& p = call.params;
  const int64_t segments = div_up(builder.page_table_stride() * kernels::kPageSize, kernels::kKeySegment);
  if (segments <= 1) {
    return;
  }
  p.part_rows = std::min<int64_t>(segments * kernels::kSplitRows, 256);
  const int64_t part_bytes = kernels::attention_part_floats(p.kv.value_dim) * int64_t{sizeof(float)};
  call.bind(p.parts, builder.workspace(p.part_rows * p.heads * part_bytes));
}

void lower(const NodePtr& node, StepBuilder& builder) {
  Call<kernels::AttentionParams> call{kernels::KernelId::k_attention};
  auto& p = call.params;
  const RowsView q = builder.rows(node->input(0), -2);
  call.bind(p.q, q.ref);
  p.q_stride = q.stride();
  call.bind(p.rows, q.rows);
  p.heads = node->shape()[-2].to_int();
  p.scale = static_cast<float>(node->attrs().get_double("scale"));
  p.window = node->attrs().get_int("window");
  p.softcap = static_cast<float>(node->attrs().get_double("softcap"));
  if (node->attrs().get_int("sinks") != 0) {
    call.bind(p.sinks, builder.values(node->input(2)));
  }
  fill_kv(written_by(node->input(1)), builder, call, p.kv);
  const RowsView out = builder.result(-2);
  call.bind(p.out, out.ref);
  p.out_stride = out.stride();
  bind_parts(builder, call);
  builder.emit(call);
  if (p.part_rows > 0) {
    call.kernel = kernels::KernelId::k_attention_merge;
    builder.emit(call);
  }
}

}  // namespace

extern const OpLowering attention_lowering{&kAttention, &lower};

}  // namespace pio::ops
