// SPDX-License-Identifier: Apache-2.0
// Checks that many ops make when a node is built.
#pragma once

#include <string_view>

#include "pio/base/error.h"
#include "pio/tensor/tensor.h"

namespace pio::ops {

/// What follows the dtype that was expected, where to() gives it.
inline std::string way_to(DType wanted) {
  return pio::concat(": to(\"", name(wanted), "\") converts, dtype=\"", name(wanted), "\" makes it so from the start");
}

/// Errors: kInvalidArgument "[op] got `what` of dtype ..., expected ...", with the way there.
inline void expect_dtype(std::string_view op, std::string_view what, const tensor::Tensor& value,
                         DType wanted = DType::kF32) {
  PIO_CHECK(value.dtype() == wanted, "[", op, "] got ", what, " of dtype ", name(value.dtype()), ", expected ",
            name(wanted), value.dtype() == DType::kF32 || value.dtype() == DType::kI32 ? way_to(wanted) : "");
}

/// Errors: kInvalidArgument "[op] ..." for a dtype that is neither f32 nor i32.
inline void expect_number(std::string_view op, std::string_view what, const tensor::Tensor& value) {
  PIO_CHECK(value.dtype() == DType::kF32 || value.dtype() == DType::kI32, "[", op, "] got ", what, " of dtype ",
            name(value.dtype()), ", expected f32 or i32");
}

/// `axis` counted from the front. Errors: kInvalidArgument "[op] ..." outside the rank.
inline int axis_of(std::string_view op, const Shape& shape, int axis) {
  PIO_CHECK(axis >= -shape.rank() && axis < shape.rank(), "[", op, "] got axis ", axis, " of ", shape.to_string(),
            ", expected one of its ", shape.rank(), " axes");
  return axis < 0 ? axis + shape.rank() : axis;
}

}  // namespace pio::ops
