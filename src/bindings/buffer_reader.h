// SPDX-License-Identifier: Apache-2.0
// Numbers out of arrays of other libraries, on their way into a tensor.
#pragma once

#include <nanobind/nanobind.h>

#include <vector>

#include "pio/base/shape.h"

namespace pio::bindings {

namespace nb = nanobind;

/// Numbers in row-major order with their shape, and whether they are whole ones.
struct Numbers {
  std::vector<double> values;
  std::vector<Dim> shape;
  bool whole = true;
};

/// Whether `data` has the buffer protocol or DLPack.
[[nodiscard]] bool is_array(nb::handle data);

/// The elements of an array: f16, bf16, f32, f64, whole numbers or bool, of any strides, in the CPU's memory and
/// byte order. Exact for all but the largest 64-bit numbers. Errors: kInvalidArgument.
[[nodiscard]] Numbers read_array(nb::handle data);

}  // namespace pio::bindings
