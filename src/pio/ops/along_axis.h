// SPDX-License-Identifier: Apache-2.0
// Ops along any axis by way of the last one.
#pragma once

#include <vector>

#include "pio/ops/shape_ops.h"

namespace pio::ops {

/// Permutation that brings `axis` behind all others.
inline std::vector<int> axis_to_last(int rank, int axis) {
  std::vector<int> axes;
  for (int i = 0; i < rank; ++i) {
    if (i != axis) {
      axes.push_back(i);
    }
  }
  axes.push_back(axis);
  return axes;
}

/// Its inverse.
inline std::vector<int> axis_from_last(int rank, int axis) {
  std::vector<int> axes;
  for (int i = 0; i < rank; ++i) {
    axes.push_back(i < axis ? i : i == axis ? rank - 1 : i - 1);
  }
  return axes;
}

/// f(x), which keeps the shape and works along the last axis, along `axis` instead.
template <class F>
Tensor along_axis(const Tensor& x, int axis, const F& f) {
  const int rank = x.shape().rank();
  return permute(f(permute(x, axis_to_last(rank, axis))), axis_from_last(rank, axis));
}

}  // namespace pio::ops
