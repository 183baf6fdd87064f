// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "pio/base/error.h"
#include "pio/ops/step_builder.h"

namespace pio::ops {

#define PIO_OP(name) extern const OpLowering name##_lowering;
#include "pio/ops/ops.inc"
#undef PIO_OP

const OpLowering& lowering(const tensor::OpDef& op) {
  static const std::array kTable = {
#define PIO_OP(name) &name##_lowering,
#include "pio/ops/ops.inc"
#undef PIO_OP
  };
  for (const OpLowering* row : kTable) {
    if (row->op == &op) {
      return *row;
    }
  }
  fail(ErrorCode::kInternal, concat("[plan] op \"", op.name, "\" has no lowering of its own"));
}

}  // namespace pio::ops
