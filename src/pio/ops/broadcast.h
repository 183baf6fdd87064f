// SPDX-License-Identifier: Apache-2.0
// Broadcasting as in numpy, and the forms in which the element kernel reads an operand without a copy.
#pragma once

#include <string_view>

#include "pio/tensor/tensor.h"

namespace pio::ops {

using tensor::Tensor;

/// How an operand lies beside a result seen as rows of its last axis.
enum class RowForm : uint8_t {
  kSame,    ///< the same shape
  kOne,     ///< one element for all
  kVector,  ///< [dim] of the last axis, for every row
  kColumn,  ///< [..., 1]: one element a row
  kOther,   ///< must be expanded first
};

[[nodiscard]] RowForm row_form(const Shape& operand, const Shape& result);

/// Whether x broadcasts to `result`. Errors: "[trace] ..." if that depends on the value of a named dim.
[[nodiscard]] bool broadcasts_to(const Shape& x, const Shape& result);

/// The shape that both broadcast to. Errors: kInvalidArgument "[op] ..." without one; "[trace] ..." as above.
[[nodiscard]] Shape broadcast_shape(std::string_view op, const Shape& a, const Shape& b);

/// x, which broadcasts to `result`, in one of the forms that need no copy: reshaped, or else expanded.
[[nodiscard]] Tensor in_row_form(const Tensor& x, const Shape& result);

}  // namespace pio::ops
