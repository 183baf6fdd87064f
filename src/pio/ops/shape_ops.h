// SPDX-License-Identifier: Apache-2.0
// Ops that rearrange values, f32 or i32. They copy, but for what a view can say: a slice of the last axis, a
// permutation of dims of 1. While tracing, a named dim stays in front: only dims of 1 may stand before it.
// Dtypes of all: f32 or i32; the result has the dtype of x.
// Errors of all: kInvalidArgument "[op] ..." for an axis outside the rank or a rank above
// kernels::kMaxCopyAxes; "[trace] ..." for what needs the value of a named dim or moves it back.
// Source of all: numpy's slices, transpose, broadcast_to and concatenate.
#pragma once

#include <vector>

#include "pio/tensor/tensor.h"

namespace pio::ops {

using tensor::Tensor;

/// Elements begin, begin + step ... below end of `axis`. Negative axes count from the end; begin and end do not.
/// Returns the shape of x with ceil((end - begin) / step) at `axis`.
/// Errors: unless 0 <= begin <= end <= dim and step >= 1; "[trace]" for a named axis.
[[nodiscard]] Tensor slice(const Tensor& x, int axis, int64_t begin, int64_t end, int64_t step = 1);

/// Axis i of the result is axis axes[i] of x, and so are the dims of its shape.
/// Errors: unless axes names every axis once.
[[nodiscard]] Tensor permute(const Tensor& x, const std::vector<int>& axes);
/// permute with two axes exchanged, and their dims in the shape.
[[nodiscard]] Tensor transpose(const Tensor& x, int a, int b);

/// x broadcast to `shape` as in numpy: dims of 1 and missing leading dims repeat. Dims of `shape` may be named.
/// Errors: if x does not broadcast to shape.
[[nodiscard]] Tensor expand(const Tensor& x, const Shape& shape);

/// The tensors one after another along `axis`. Returns their shape with the sum of their dims there.
/// Errors: for an empty list, ranks, dtypes or other dims that differ.
[[nodiscard]] Tensor concat(const std::vector<Tensor>& tensors, int axis);

}  // namespace pio::ops
