// SPDX-License-Identifier: Apache-2.0
// Numbers that Python code gives: ints and floats, and the scalars of other libraries.
#pragma once

#include <nanobind/nanobind.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pio::bindings {

namespace nb = nanobind;

/// The name of the type of `object`.
[[nodiscard]] std::string python_type(nb::handle object);

/// Whether `object` has an order of items: a list, a tuple, an array; not a str, bytes or a set.
[[nodiscard]] bool is_sequence(nb::handle object);

/// A number and whether its type is one of whole numbers.
struct Number {
  double value = 0;
  bool whole = false;
};

/// What __index__ or __float__ of `object` says; none for what has neither, and for arrays and tensors.
/// Errors: what they raise, OverflowError for whole numbers beyond f64.
[[nodiscard]] std::optional<Number> to_number(nb::handle object);

/// An int or what has __index__. Errors: kInvalidArgument "[op] got ..., expected a whole number" for anything else
/// and beyond 64 bits; a Dim's own "[trace] ...".
[[nodiscard]] int64_t to_whole(nb::handle object, std::string_view op);

/// `value` as f32. Errors: kInvalidArgument "[op] ..." for a finite number that f32 does not hold.
[[nodiscard]] float to_f32(double value, std::string_view op);

}  // namespace pio::bindings
