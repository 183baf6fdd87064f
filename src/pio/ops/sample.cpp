// SPDX-License-Identifier: Apache-2.0
#include "pio/ops/op_defs.h"
#include "pio/ops/step_builder.h"

namespace pio::ops {

const OpDef kSample{.name = "sample"};

namespace {

void lower(const NodePtr& node, StepBuilder& builder) {
  Call<kernels::SampleParams> call{kernels::KernelId::k_sample};
  auto& p = call.params;
  const RowsView logits = builder.rows(node->input(0), -1);
  call.bind(p.logits, logits.ref);
  p.logits_stride = logits.stride();
  call.bind(p.rules, step_field(StepField::kRules));
  call.bind(p.history, step_field(StepField::kHistory));
  call.bind(p.rows, logits.rows);
  p.vocab = logits.cols;
  call.bind(p.scratch, builder.workspace(logits.rows.capacity() * logits.cols * 8));
  const RowsView out = builder.result(node->shape().rank());
  call.bind(p.out, out.ref);
  builder.emit(call);
}

}  // namespace

extern const OpLowering sample_lowering{&kSample, &lower};

}  // namespace pio::ops
