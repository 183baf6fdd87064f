// SPDX-License-Identifier: Apache-2.0
// Modules written in Python: members are the instance's attributes, the forward is Python's.
#pragma once

#include <nanobind/nanobind.h>

#include "errors.h"
#include "pio/nn/module.h"

namespace pio::bindings {

namespace nb = nanobind;

/// The module behind `object`, of a class derived from Module. Errors: kInvalidArgument, with the way out, if its
/// __init__ did not call that of its base.
[[nodiscard]] nn::Module& module_of(nb::handle object);

/// What the attributes of a Python module add to `own`: modules, lists, tuples and dicts of modules, and tensors
/// that are parameters (made by Parameter), each under its attribute's name. Errors: kInvalidArgument naming an
/// attribute that holds itself. Needs the GIL.
void add_attributes(nb::handle self, nn::Module::Members& own);

/// `self` applied to one tensor. Errors: PythonError; kInvalidArgument "[trace]" if it gives no Tensor.
[[nodiscard]] tensor::Tensor call_module(nb::handle self, const tensor::Tensor& x);

/// A Python subclass of T.
template <class T>
class PyModule final : public T {
 public:
  using T::T;

  [[nodiscard]] tensor::Tensor call(const tensor::Tensor& x) const override {
    return call_python([&] { return call_module(nb::find(static_cast<const T&>(*this)), x); });
  }

 protected:
  [[nodiscard]] nn::Module::Members members() const override {
    return call_python([&] {
      nn::Module::Members out = T::members();
      add_attributes(nb::find(static_cast<const T&>(*this)), out);
      return out;
    });
  }
};

}  // namespace pio::bindings
