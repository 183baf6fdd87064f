// SPDX-License-Identifier: Apache-2.0
#include "py_module.h"

#include <nanobind/stl/string.h>

#include "tensor_data.h"

namespace pio::bindings {
namespace {

void add_value(const std::string& name, nb::handle value, nn::Module::Members& out) {
  if (nb::isinstance<nn::Module>(value)) {
    out.children.emplace_back(name, nb::cast<nn::Module*>(value));
  } else if (nb::isinstance<Tensor>(value)) {
    const Tensor& tensor = nb::cast<const Tensor&>(value);
    if (tensor.node()->is(tensor::kParameter)) {
      out.parameters.emplace_back(name, tensor.node()->slot());
    }
  } else if (nb::isinstance<nb::list>(value) || nb::isinstance<nb::tuple>(value)) {
    size_t i = 0;
    for (const nb::handle item : value) {
      add_value(concat(name, ".", i++), item, out);
    }
  } else if (nb::isinstance<nb::dict>(value)) {
    for (const auto& [key, item] : nb::borrow<nb::dict>(value)) {
      add_value(concat(name, ".", nb::cast<std::string>(nb::str(key))), item, out);
    }
  }
}

}  // namespace

void add_attributes(nb::handle self, nn::Module::Members& own) {
  if (!self.is_valid()) {
    return;  // it is being destroyed
  }
  for (const auto& [key, value] : nb::cast<nb::dict>(self.attr("__dict__"))) {
    add_value(nb::cast<std::string>(key), value, own);
  }
}

Tensor call_module(nb::handle self, const Tensor& x) {
  const nb::object out = self(x);
  PIO_CHECK(nb::isinstance<Tensor>(out), "[trace] forward of ",
            nb::cast<std::string>(self.type().attr("__name__")), " gave a ",
            nb::cast<std::string>(out.type().attr("__name__")), ", expected a Tensor");
  return nb::cast<Tensor>(out);
}

}  // namespace pio::bindings
