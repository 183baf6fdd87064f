// SPDX-License-Identifier: Apache-2.0
// Values of tensors from Python objects and back.
#pragma once

#include <nanobind/nanobind.h>

#include <optional>
#include <string_view>
#include <vector>

#include "pio/tensor/tensor.h"

namespace pio::bindings {

namespace nb = nanobind;
using tensor::Tensor;

/// A tensor of the values of `data`: a tensor, a number, nested lists or tuples of numbers, or anything with the
/// buffer protocol or DLPack on the CPU. dtype: none: a tensor's own; whole numbers and bools give i32, all others
/// and empty lists f32. Errors: kInvalidArgument for ragged lists, numbers outside the dtype, other element types.
[[nodiscard]] Tensor make_tensor(nb::handle data, std::optional<DType> dtype);

/// "f32", "float32", "i32" or "int32" as a dtype. Errors: kInvalidArgument listing them.
[[nodiscard]] DType dtype_from_name(std::string_view name);

/// The value as nested lists of float or int; a plain number for a tensor of rank 0. As evaluate().
[[nodiscard]] nb::object to_nested_list(Tensor& value);

/// The values behind `tensor`, computed if need be; the handle keeps them, so that the next use does not compute
/// again. Needs the GIL, and gives it away while computing.
[[nodiscard]] std::vector<std::byte> evaluate(Tensor& tensor);

/// An int or a Dim as a dim. Errors: kInvalidArgument below 0 and for anything else.
[[nodiscard]] Dim to_dim(nb::handle object);
/// A dim as an int, or as a Dim while tracing.
[[nodiscard]] nb::object to_python(const Dim& dim);
/// Ints and Dims as a shape. Errors: kInvalidArgument for a str and what is no sequence.
[[nodiscard]] Shape to_shape(nb::handle sequence);

}  // namespace pio::bindings
