// SPDX-License-Identifier: Apache-2.0
// Dim: what stands in a shape while a model is traced.
#include <nanobind/stl/string.h>

#include <functional>

#include "bindings.h"
#include "pio/base/error.h"
#include "py_number.h"
#include "tensor_data.h"

namespace pio::bindings {
namespace {

[[noreturn]] void reject_dim(std::string_view what) {
  fail(ErrorCode::kInvalidArgument,
       concat("[trace] ", what, " of a dim of the batch: its size is known in each step only. Reshape, slice and "
              "expand take it as it is, and so do * and // by a whole number"));
}

// The factor of * and //: a whole number, or the [trace] error that names the operator.
int64_t factor(nb::handle value, const char* name) {
  const bool is_whole = PyIndex_Check(value.ptr()) != 0 && !nb::isinstance<Dim>(value) &&
                        !nb::isinstance<Tensor>(value) && PySequence_Check(value.ptr()) == 0;
  const int64_t out = is_whole ? to_whole(value, "trace") : -1;
  if (out < 0) {
    reject_dim(concat("operator ", name, " with ", python_type(value) + (is_whole ? " below 0" : "")));
  }
  return out;
}

nb::object multiplied(const Dim& self, nb::handle other) { return to_python(self * Dim(factor(other, "__mul__"))); }

nb::object divided(const Dim& self, nb::handle other) {
  return to_python(floor_div(self, factor(other, "__floordiv__")));
}

// Two dims are equal or not; a number has the error, and nothing else is equal to a dim.
nb::object compared(const Dim& self, nb::handle other, bool wanted) {
  if (nb::isinstance<Dim>(other)) {
    return nb::bool_((self == nb::cast<const Dim&>(other)) == wanted);
  }
  if (to_number(other)) {
    reject_dim("comparison with a number");
  }
  return nb::borrow(Py_NotImplemented);
}

std::string formatted(const Dim& self, const std::string& format) {
  if (!format.empty()) {
    reject_dim(concat("format \"", escaped(format), "\""));
  }
  return self.to_string();
}

// What Python would call an unsupported operand says how to go on instead.
constexpr const char* kRefused[] = {
    "__lt__",       "__le__",      "__gt__",     "__ge__",      "__add__",    "__radd__",    "__sub__",
    "__rsub__",     "__truediv__", "__rtruediv__", "__rfloordiv__", "__mod__", "__rmod__",   "__divmod__",
    "__rdivmod__",  "__pow__",     "__rpow__",   "__matmul__",  "__rmatmul__", "__and__",    "__rand__",
    "__or__",       "__ror__",     "__xor__",    "__rxor__",    "__lshift__", "__rlshift__", "__rshift__",
    "__rrshift__",  "__neg__",     "__pos__",    "__abs__",     "__invert__", "__round__",   "__trunc__",
    "__floor__",    "__ceil__"};

}  // namespace

void bind_dim(nb::module_& m) {
  nb::class_<Dim>(m, "Dim",
                  "A dim whose size is known in each step only: what x.shape holds while a model is traced.\n\n"
                  "Goes into reshape, slices and expand; * and // by a whole number give a Dim. Anything that needs "
                  "its value raises InvalidArgumentError \"[trace] ...\".")
      .def("__mul__", &multiplied, nb::arg("other").none(), nb::sig("def __mul__(self, other: int, /) -> Dim"))
      .def("__rmul__", &multiplied, nb::arg("other").none(), nb::sig("def __rmul__(self, other: int, /) -> Dim"))
      .def("__floordiv__", &divided, nb::arg("other").none(), nb::sig("def __floordiv__(self, other: int, /) -> Dim"))
      .def("__eq__", [](const Dim& self, nb::handle other) { return compared(self, other, true); },
           nb::arg("other").none(), nb::sig("def __eq__(self, other: object, /) -> bool"))
      .def("__ne__", [](const Dim& self, nb::handle other) { return compared(self, other, false); },
           nb::arg("other").none(), nb::sig("def __ne__(self, other: object, /) -> bool"))
      .def("__hash__", [](const Dim& self) { return std::hash<std::string>{}(self.to_string()); })
      .def("__int__", [](const Dim& self) { return self.to_int(); })
      .def("__index__", [](const Dim& self) { return self.to_int(); })
      .def("__float__", [](const Dim& self) { return static_cast<double>(self.to_int()); })
      .def("__bool__", [](const Dim&) -> bool { reject_dim("the truth"); })
      .def("__format__", &formatted, nb::arg("format_spec"))
      .def("__repr__", &Dim::to_string);
  for (const char* name : kRefused) {
    m.attr("Dim").attr(name) =
        nb::cpp_function([name](nb::args) -> nb::object { reject_dim(concat("operator ", name)); },
                         nb::scope(nb::type<Dim>()), nb::name(name), nb::is_method());
  }
}

}  // namespace pio::bindings
