// SPDX-License-Identifier: Apache-2.0
// Ops along one axis. Any but the last costs a copy that brings it there. Negative axes count from the end.
// Errors of all: kInvalidArgument "[op] ..." for an axis outside the rank and for other dtypes; "[trace] ..." for a
// named axis, or one whose move would not leave rows in front.
#pragma once

#include "pio/tensor/tensor.h"

namespace pio::ops {

using tensor::Tensor;

/// Sum, mean, largest and smallest value along `axis`, which the result lacks, or has as 1 with keepdim. x: f32.
/// Sums in f32. NaN if any value is. Errors: max and min of an axis of no elements.
[[nodiscard]] Tensor sum(const Tensor& x, int axis, bool keepdim = false);
[[nodiscard]] Tensor mean(const Tensor& x, int axis, bool keepdim = false);
[[nodiscard]] Tensor max(const Tensor& x, int axis, bool keepdim = false);
[[nodiscard]] Tensor min(const Tensor& x, int axis, bool keepdim = false);
/// Index of the first largest value, or of the first NaN. x: f32 or i32. Returns i32. Errors: as max.
[[nodiscard]] Tensor argmax(const Tensor& x, int axis, bool keepdim = false);

/// e^x / sum of e^x along `axis`, exactly 0 for -inf. x: f32. Returns its shape.
[[nodiscard]] Tensor softmax(const Tensor& x, int axis = -1);

/// Running sums along `axis`, added in order in f32. x: f32. Returns its shape.
[[nodiscard]] Tensor cumsum(const Tensor& x, int axis);

}  // namespace pio::ops
