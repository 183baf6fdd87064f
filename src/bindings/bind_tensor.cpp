// SPDX-License-Identifier: Apache-2.0
// Tensor.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "bindings.h"
#include "pio/base/error.h"
#include "py_number.h"
#include "tensor_array.h"
#include "tensor_data.h"
#include "tensor_index.h"

namespace pio::bindings {
namespace {

std::optional<DType> given_dtype(const std::optional<std::string>& name) {
  return name ? std::optional(dtype_from_name(*name)) : std::nullopt;
}

// Shapes as reshape takes them: one sequence, or the dims; -1 once, for what is left.
Shape wanted_shape(const Tensor& x, nb::args args) {
  const nb::object dims = args.size() == 1 && is_sequence(args[0]) ? nb::object(args[0]) : nb::object(args);
  std::vector<Dim> out;
  std::optional<size_t> open;
  for (const nb::handle item : dims) {
    if (!nb::isinstance<Dim>(item) && to_whole(item, "reshape") == -1) {
      PIO_CHECK(!open, "[reshape] got -1 twice, expected it once");
      open = out.size();
      out.emplace_back(1);
    } else {
      out.push_back(to_dim(item));
    }
  }
  Shape shape(out);
  if (!open) {
    return shape;
  }
  const Dim total = x.shape().product(0, x.shape().rank());
  const Dim known = shape.product(0, shape.rank());
  const auto reject = [&] {
    fail(ErrorCode::kInvalidArgument, concat("[reshape] got ", x.shape().to_string(), ", which does not fill ",
                                             shape.to_string(), " with -1 at dim ", *open));
  };
  if (known.is_named()) {
    if (!total.is_named() || total.name() != known.name() || known.capacity() == 0 ||
        total.capacity() % known.capacity() != 0) {
      reject();
    }
    return shape.with(static_cast<int>(*open), total.capacity() / known.capacity());
  }
  if (known.capacity() == 0 || total.capacity() % known.capacity() != 0) {
    reject();
  }
  return shape.with(static_cast<int>(*open), floor_div(total, known.capacity()));
}

double range_number(nb::handle value) {
  if (nb::isinstance<Dim>(value)) {
    return static_cast<double>(nb::cast<const Dim&>(value).to_int());
  }
  const auto number = to_number(value);
  PIO_CHECK(number && std::isfinite(number->value), "[arange] got ", escaped(nb::cast<std::string>(nb::repr(value))),
            ", expected a number");
  return number->value;
}

Tensor flat_range(nb::object start, nb::object stop, nb::object step_or_one) {
  const double first = stop.is_none() ? 0.0 : range_number(start);
  const double last = range_number(stop.is_none() ? start : stop);
  const double step = range_number(step_or_one);
  PIO_CHECK(step != 0, "[arange] got step 0");
  const double count = std::max(0.0, std::ceil((last - first) / step));
  PIO_CHECK(count <= INT32_MAX, "[arange] got start ", first, ", stop ", last, ", step ", step, ", which give ", count,
            " values, expected at most ", INT32_MAX);
  std::vector<double> values(static_cast<size_t>(count));
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = first + step * static_cast<double>(i);
  }
  const Shape shape{static_cast<int64_t>(values.size())};
  const auto whole = [](double value) { return value == std::trunc(value); };
  if (whole(first) && whole(step)) {
    for (const double end : {first, values.empty() ? first : values.back()}) {
      PIO_CHECK(std::fabs(end) <= INT32_MAX, "[arange] got ", end, " in whole numbers, which are i32: expected at most ",
                INT32_MAX);
    }
    return Tensor(std::vector<int32_t>(values.begin(), values.end()), shape);
  }
  std::vector<float> numbers;
  std::ranges::transform(values, std::back_inserter(numbers), [](double value) { return to_f32(value, "arange"); });
  return Tensor(numbers, shape);
}

nb::object item(Tensor& self) {
  PIO_CHECK(self.shape().has_named() || self.shape().elements() == 1, "[item] got ", self.shape().to_string(),
            ", expected one element");
  nb::object value = to_nested_list(self);
  while (nb::isinstance<nb::list>(value)) {
    value = value[0];
  }
  return value;
}

std::string repr(Tensor& self) {
  const std::string kind = concat(self.shape().to_string(), ", ", name(self.dtype()));
  constexpr int64_t kShown = 64;  // more values are not computed to be printed
  if (self.shape().has_named() || self.shape().elements() > kShown) {
    return concat("Tensor(", kind, ")");
  }
  return concat("Tensor(", nb::cast<std::string>(nb::repr(to_nested_list(self))), ", ", name(self.dtype()), ")");
}

}  // namespace

void bind_tensor(nb::module_& m) {
  nb::class_<Tensor> c(m, "Tensor", nb::type_slots(tensor_buffer_slots()),
                       "A lazy value: computed when it is asked for, or never, where a model is traced.\n\n"
                       "Tensor(data, dtype=None) copies a number, nested lists, or anything with the buffer protocol "
                       "or DLPack; whole numbers give i32, others f32; dtype= says otherwise, and converts a tensor. Numbers that "
                       "the dtype does not hold are refused. Tensor.zeros(shape) and its like make tensors of a shape.");
  c.def("__init__",
        [](Tensor* self, nb::handle data, const std::optional<std::string>& dtype) {
          new (self) Tensor(make_tensor(data, given_dtype(dtype)));
        },
        nb::arg("data").none(), nb::arg("dtype") = nb::none(),
        nb::sig("def __init__(self, data: typing.Any, dtype: str | None = None) -> None"))
      .def_static("zeros", [](nb::sequence shape) { return Tensor::zeros(to_shape(shape)); }, nb::arg("shape"),
                  "Zeros, f32.")
      .def_static("ones", [](nb::sequence shape) { return Tensor::ones(to_shape(shape)); }, nb::arg("shape"),
                  "Ones, f32.")
      .def_static("full", [](nb::sequence shape, double value) { return Tensor::full(to_shape(shape), to_f32(value, "full")); },
                  nb::arg("shape"), nb::arg("value"), "One value everywhere, f32.")
      .def_static("arange", &flat_range, nb::arg("start"), nb::arg("stop") = nb::none(), nb::arg("step") = 1,
                  nb::sig("def arange(start: Dim | float, stop: Dim | float | None = None, step: float = 1) -> Tensor"),
                  "Values start, start + step ... below stop; arange(stop) begins at 0. Whole start and step give i32, "
                  "others f32. Errors: InvalidArgumentError for values outside of it.")
      .def_prop_ro("shape",
                   [](const Tensor& self) {
                     nb::list out;
                     for (const Dim& dim : self.shape().dims()) {
                       out.append(to_python(dim));
                     }
                     return nb::tuple(out);
                   },
                   "The dims: ints, or Dims while a model is traced.")
      .def_prop_ro("ndim", [](const Tensor& self) { return self.shape().rank(); }, "How many dims it has.")
      .def_prop_ro("dtype", [](const Tensor& self) { return std::string(name(self.dtype())); },
                   "f32 or i32.")
      .def("reshape", [](const Tensor& self, nb::args shape) { return self.reshape(wanted_shape(self, shape)); },
           nb::arg("shape"), "Same values in another shape: reshape(2, 3) or reshape([2, 3]); -1 once.")
      .def("to_list", &to_nested_list, "The values as nested lists.")
      .def("item", &item, "The one value of a tensor of one element.")
      .def("__len__", [](const Tensor& self) {
        PIO_CHECK(self.shape().rank() > 0, "[len] got a tensor of rank 0");
        return self.dim(0).to_int();
      })
      .def("__float__", [](Tensor& self) { return nb::cast<double>(nb::float_(item(self))); })
      .def("__int__", [](Tensor& self) { return nb::int_(item(self)); })
      .def("__bool__", [](Tensor& self) { return nb::cast<double>(nb::float_(item(self))) != 0; })
      .def("__repr__", &repr);
  bind_tensor_array(c);
  bind_tensor_index(c);
}

}  // namespace pio::bindings
