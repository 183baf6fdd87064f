// SPDX-License-Identifier: Apache-2.0
// Shared by the lowerings of ops that work on rows: [..., dim] in, rows of it out.
#pragma once

#include "pio/ops/step_builder.h"

namespace pio::ops {

/// Sets x, its stride, rows and dim of call.params from input 0 of `node`.
template <class Params>
void fill_rows(const NodePtr& node, StepBuilder& builder, Call<Params>& call) {
  const RowsView x = builder.rows(node->input(0), -1);
  call.bind(call.params.x, x.ref);
  call.params.x_stride = x.stride();
  call.bind(call.params.rows, x.rows);
  call.params.dim = x.cols;
}

/// Sets the output of call.params, rows of the format that the result's dtype names, and emits the call.
template <class Params>
void emit_formatted_rows(StepBuilder& builder, Call<Params>& call) {
  const RowsView out = builder.result(-1);
  call.params.format = row_format(out.dtype);
  call.bind(call.params.out, out.ref);
  call.params.out_stride_bytes = out.stride_bytes;
  builder.emit(call);
}

/// Sets the output of call.params, f32 rows, and emits the call.
template <class Params>
void emit_rows(StepBuilder& builder, Call<Params>& call) {
  const RowsView out = builder.result(-1);
  call.bind(call.params.out, out.ref);
  call.params.out_stride = out.stride();
  builder.emit(call);
}

}  // namespace pio::ops
