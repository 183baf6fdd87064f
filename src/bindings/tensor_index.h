// SPDX-License-Identifier: Apache-2.0
// Tensor's [] in Python.
#pragma once

#include <nanobind/nanobind.h>

#include "pio/tensor/tensor.h"

namespace pio::bindings {

namespace nb = nanobind;

/// Numbers, slices with a step, None and ... per axis, as numpy's basic indexing.
void bind_tensor_index(nb::class_<tensor::Tensor>& c);

}  // namespace pio::bindings
