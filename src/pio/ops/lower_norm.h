// SPDX-License-Identifier: Apache-2.0
// Shared by the lowerings of rms_norm and rms_norm_quant.
#pragma once

#include "pio/ops/op_defs.h"
#include "pio/ops/step_builder.h"

namespace pio::ops {

/// Sets everything of `p`, a part of call.params, but its output.
template <class Params>
void fill_norm(const NodePtr& node, StepBuilder& builder, Call<Params>& call,
               kernels::RmsNormParams& p) {
  const RowsView x = builder.rows(node->input(0), -1);
  call.bind(p.x, x.ref);
  p.x_stride = x.stride();
  if (node->inputs().size() > 1) {
    call.bind(p.weight, builder.values(node->input(1)));
  }
  p.eps = static_cast<float>(node->attrs().get_double("eps"));
  p.dim = x.cols;
  call.bind(p.rows, x.rows);
}

}  // namespace pio::ops
