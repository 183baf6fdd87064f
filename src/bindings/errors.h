// SPDX-License-Identifier: Apache-2.0
// Errors across the border: the engine's become Python exceptions, Python's become pio::Error and back.
#pragma once

#include <nanobind/nanobind.h>

#include <memory>
#include <utility>

#include "pio/base/error.h"

namespace pio::bindings {

namespace nb = nanobind;

/// A Python exception on its way through the engine: one line of text for the command line, itself again when
/// it comes back to Python.
class PythonError : public Error {
 public:
  /// Must be made with the GIL held.
  explicit PythonError(nb::python_error error);
  /// Makes it Python's current exception. Needs the GIL.
  void restore() const noexcept;

 private:
  std::shared_ptr<nb::python_error> error_;
};

/// Calls `body`, Python code, with the GIL. Errors: PythonError for what it raises.
template <class Body>
auto call_python(Body&& body) {
  nb::gil_scoped_acquire gil;
  try {
    return std::forward<Body>(body)();
  } catch (nb::python_error& error) {
    throw PythonError(std::move(error));
  }
}

}  // namespace pio::bindings
