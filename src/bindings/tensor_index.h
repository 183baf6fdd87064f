// SPDX-License-Identifier: Apache-2.0
// Tensor's [] in Python.
#pragma once

#include <nanobind/nanobind.h>

#include "pio/tensor/tensor.h"

namespace pio::bindings {

namespace nb = nanobind;

/// Whether begin, end and step (none, numbers or Dims) take axis `axis` as it is. A Dim as the end does where it is
/// the axis's own; 0 is the only begin that does.
[[nodiscard]] bool is_whole_axis(const tensor::Tensor& x, int axis, nb::handle begin, nb::handle end, nb::handle step);

/// Numbers, slices with a step, None and ... per axis, as numpy's basic indexing.
void bind_tensor_index(nb::class_<tensor::Tensor>& tensor_class);

}  // namespace pio::bindings
