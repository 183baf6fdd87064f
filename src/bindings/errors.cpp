// SPDX-License-Identifier: Apache-2.0
#include "errors.h"

#include <nanobind/stl/string.h>

#include <array>

#include "bindings.h"

namespace pio::bindings {
namespace {

// Engine errors by code; filled by bind_errors, alive as long as the module.
std::array<PyObject*, static_cast<size_t>(ErrorCode::kInternal) + 1> types{};

PyObject* type_of(ErrorCode code) { return types[static_cast<size_t>(code)]; }

// The code of what Python raised: the narrowest that its type stands for.
ErrorCode code_of(const nb::python_error& error) {
  for (const ErrorCode code : {ErrorCode::kOutOfMemory, ErrorCode::kUnsupported, ErrorCode::kInvalidArgument,
                               ErrorCode::kInternal}) {
    if (PyErr_GivenExceptionMatches(error.type().ptr(), type_of(code)) != 0) {
      return code;
    }
  }
  return ErrorCode::kInvalidArgument;
}

// " (model.py, line 12)": the innermost frame outside of the package's own workings is where the author looks.
std::string place_of(const nb::python_error& error) {
  std::string out;
  nb::object frame = error.traceback();
  for (; frame.is_valid() && !frame.is_none(); frame = frame.attr("tb_next")) {
    const nb::object module = frame.attr("tb_frame").attr("f_globals").attr("get")("__name__", "");
    if (!nb::isinstance<nb::str>(module) || !nb::cast<std::string>(module).starts_with("inference_pio._")) {
      out = concat(" (", nb::cast<std::string>(frame.attr("tb_frame").attr("f_code").attr("co_filename")), ", line ",
                   nb::cast<int64_t>(frame.attr("tb_lineno")), ")");
    }
  }
  return out;
}

// "TypeError: message (model.py, line 12)"; the engine's own errors without their type.
std::string one_line(const nb::python_error& error) {
  const bool is_ours = PyErr_GivenExceptionMatches(error.type().ptr(), type_of(ErrorCode::kInternal)) != 0;
  const std::string type = is_ours ? "" : nb::cast<std::string>(error.type().attr("__name__"));
  const std::string message = nb::cast<std::string>(nb::str(error.value()));
  return concat(type, type.empty() || message.empty() ? "" : ": ", message, place_of(error));
}

PyObject* new_type(nb::module_& m, const char* name, nb::object bases, const char* doc) {
  const std::string full = concat("inference_pio.", name);
  PyObject* type = PyErr_NewExceptionWithDoc(full.c_str(), doc, bases.ptr(), nullptr);
  m.attr(name) = nb::borrow(type);
  return type;
}

}  // namespace

PythonError::PythonError(nb::python_error error)
    : Error(code_of(error), one_line(error)),
      error_(new nb::python_error(std::move(error)), [](nb::python_error* held) {
        nb::gil_scoped_acquire gil;
        delete held;
      }) {}

void PythonError::restore() const noexcept {
  nb::python_error copy(*error_);
  copy.restore();
}

void bind_errors(nb::module_& m) {
  const auto both = [](PyObject* ours, PyObject* builtin) {
    return nb::make_tuple(nb::borrow(ours), nb::borrow(builtin));
  };
  PyObject* base = new_type(m, "Error", nb::borrow(PyExc_Exception), "Base of every error of the engine.");
  PyObject* load = new_type(m, "LoadError", nb::borrow(base), "A model that is not there, or cannot be used.");
  PyObject* invalid = new_type(m, "InvalidArgumentError", both(base, PyExc_ValueError),
                               "A value that does not fit: a shape, a dtype, an option.");
  PyObject* memory = new_type(m, "OutOfMemoryError", both(load, PyExc_MemoryError),
                              "A model that needs more memory than there is.");
  for (const auto& [code, type] : {std::pair{ErrorCode::kInvalidArgument, invalid},
                                   {ErrorCode::kNotFound, load},
                                   {ErrorCode::kUnsupported, load},
                                   {ErrorCode::kBadFile, load},
                                   {ErrorCode::kOutOfMemory, memory},
                                   {ErrorCode::kCancelled, base},
                                   {ErrorCode::kInternal, base}}) {
    types[static_cast<size_t>(code)] = type;
  }
  nb::register_exception_translator([](const std::exception_ptr& pointer, void*) {
    try {
      std::rethrow_exception(pointer);
    } catch (const PythonError& error) {
      error.restore();
    } catch (const Error& error) {
      PyErr_SetString(type_of(error.code()), error.what());
    } catch (const nb::cast_error&) {
      PyErr_SetString(type_of(ErrorCode::kInvalidArgument),
                      "[python] got an object of another type than its place wants; one of your own class derived from "
                      "Module or a plugin must call super().__init__() first");
    }
  });
}

}  // namespace pio::bindings
