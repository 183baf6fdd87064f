// SPDX-License-Identifier: Apache-2.0
// Ops along one axis. Any but the last costs a copy that brings it there. Negative axes count from the end.
// Shapes of all: x has any shape but []. A reduction gives it without `axis`, or with 1 there where keepdim is set.
// Errors of all: kInvalidArgument "[op] ..." for an axis outside the rank and for other dtypes; "[trace] ..." for a
// named axis, or one whose move would not leave rows in front.
// Source of all: numpy's function of that name.
#pragma once

#include "pio/tensor/tensor.h"

namespace pio::ops {

using tensor::Tensor;

/// Sum along `axis`, in f32. x: f32. NaN if any value is.
[[nodiscard]] Tensor sum(const Tensor& x, int axis, bool keepdim = false);
/// Mean along `axis`, summed in f32. x: f32. NaN if any value is.
[[nodiscard]] Tensor mean(const Tensor& x, int axis, bool keepdim = false);
/// Largest value along `axis`; NaN if any is. x: f32. Errors: for an axis of no elements.
[[nodiscard]] Tensor max(const Tensor& x, int axis, bool keepdim = false);
/// Smallest value along `axis`; NaN if any is. x: f32. Errors: for an axis of no elements.
[[nodiscard]] Tensor min(const Tensor& x, int axis, bool keepdim = false);
/// Index of the first largest value, or of the first NaN. x: f32 or i32. Returns i32.
/// Errors: for an axis of no elements.
[[nodiscard]] Tensor argmax(const Tensor& x, int axis, bool keepdim = false);

/// e^x / sum of e^x along `axis`, exactly 0 for -inf. x: f32. Returns its shape. Source: torch.softmax.
[[nodiscard]] Tensor softmax(const Tensor& x, int axis = -1);

/// Running sums along `axis`, added in order in f32. x: f32. Returns its shape.
[[nodiscard]] Tensor cumsum(const Tensor& x, int axis);

}  // namespace pio::ops
