// SPDX-License-Identifier: Apache-2.0
#include "py_number.h"

#include <nanobind/stl/string.h>

#include <cmath>
#include <limits>

#include "pio/base/error.h"
#include "pio/base/shape.h"
#include "pio/tensor/tensor.h"

namespace pio::bindings {

std::string python_type(nb::handle object) { return nb::cast<std::string>(object.type().attr("__name__")); }

bool is_sequence(nb::handle object) {
  return PySequence_Check(object.ptr()) != 0 && PyUnicode_Check(object.ptr()) == 0 &&
         PyBytes_Check(object.ptr()) == 0 && PyByteArray_Check(object.ptr()) == 0 && PyDict_Check(object.ptr()) == 0;
}

std::optional<Number> to_number(nb::handle object) {
  PyObject* const value = object.ptr();
  if (PyFloat_Check(value) != 0) {
    return Number{PyFloat_AS_DOUBLE(value), false};
  }
  if (nb::isinstance<Dim>(object) || nb::isinstance<tensor::Tensor>(object) || PySequence_Check(value) != 0) {
    return std::nullopt;
  }
  if (PyIndex_Check(value) != 0) {
    if (const nb::object whole = nb::steal(PyNumber_Index(value)); whole.is_valid()) {
      const double out = PyLong_AsDouble(whole.ptr());
      if (PyErr_Occurred() != nullptr) {
        throw nb::python_error();
      }
      return Number{out, true};
    }
    PyErr_Clear();  // numpy's bool has the slot and refuses; it has __float__ too
  }
  const PyNumberMethods* methods = Py_TYPE(value)->tp_as_number;
  if (methods == nullptr || methods->nb_float == nullptr) {
    return std::nullopt;
  }
  const double out = PyFloat_AsDouble(value);
  if (PyErr_Occurred() != nullptr) {
    throw nb::python_error();
  }
  return Number{out, false};
}

int64_t to_whole(nb::handle object, std::string_view op) {
  if (nb::isinstance<Dim>(object)) {
    return nb::cast<const Dim&>(object).to_int();
  }
  PIO_CHECK(PyIndex_Check(object.ptr()) != 0 && !nb::isinstance<tensor::Tensor>(object), "[", op, "] got ",
            escaped(nb::cast<std::string>(nb::repr(object))), ", a ", python_type(object), ", expected a whole number");
  const nb::object whole = nb::steal(PyNumber_Index(object.ptr()));
  if (!whole.is_valid()) {
    throw nb::python_error();
  }
  int overflow = 0;
  const int64_t out = PyLong_AsLongLongAndOverflow(whole.ptr(), &overflow);
  PIO_CHECK(overflow == 0, "[", op, "] got ", escaped(nb::cast<std::string>(nb::repr(whole))),
            ", expected a whole number of 64 bits");
  return out;
}

float to_f32(double value, std::string_view op) {
  // What rounds to the largest f32 is still held.
  constexpr double kLimit = 0x1.ffffffp127;
  PIO_CHECK(!std::isfinite(value) || std::fabs(value) < kLimit, "[", op, "] got ", value,
            ", expected numbers of f32, which end at 3.4e38; infinity is float(\"inf\")");
  return static_cast<float>(value);
}

}  // namespace pio::bindings
