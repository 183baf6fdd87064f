// SPDX-License-Identifier: Apache-2.0
#include "parameters.h"

#include <nanobind/stl/string.h>

#include <memory>
#include <utility>
#include <vector>

#include "errors.h"
#include "pio/base/error.h"
#include "py_number.h"
#include "tensor_data.h"

namespace pio::bindings {
namespace {

tensor::Init init_from_name(const std::string& text) {
  if (text == "uniform") {
    return tensor::Init::kUniform;
  }
  if (text == "ones") {
    return tensor::Init::kOnes;
  }
  PIO_CHECK(text == "zeros", "[Parameter] got init \"", escaped(text), "\", expected uniform, ones or zeros");
  return tensor::Init::kZeros;
}

// A parameter with the values of `tensor`. What a loader gave keeps its format; a computed value becomes f32.
Tensor loaded_parameter(const std::string& name, Tensor tensor) {
  auto slot = std::make_shared<tensor::Slot>();
  if (tensor.node()->is(tensor::kParameter) && tensor.node()->slot()->loaded) {
    *slot = *tensor.node()->slot();
  } else {
    auto bytes = std::make_shared<std::vector<std::byte>>(evaluate(tensor));
    slot->shape = tensor.shape();
    slot->data = *bytes;
    slot->owner = std::move(bytes);
    slot->loaded = true;
  }
  slot->name = name;
  return tensor::parameter(std::move(slot));
}

// A value of load_state_dict as a tensor of f32. Errors: name the parameter.
Tensor value_of(const std::string& name, nb::handle given) {
  try {
    return make_tensor(given, DType::kF32);
  } catch (const PythonError&) {
    throw;
  } catch (const Error& error) {
    fail(error.code(), concat("[load_state_dict] ", name, ": ", error.what()));
  }
}

}  // namespace

Tensor new_parameter(nb::handle shape, const std::string& init) {
  auto slot = std::make_shared<tensor::Slot>();
  slot->shape = to_shape(shape);
  slot->init = init_from_name(init);
  return tensor::parameter(std::move(slot));
}

nb::dict state_dict(nn::Module& self) {
  nb::dict out;
  for (const auto& [name, tensor] : self.named_parameters()) {
    out[name.c_str()] = tensor;
  }
  return out;
}

void load_state_dict(nn::Module& self, nb::handle state, bool strict) {
  std::string wrong;
  std::vector<std::pair<std::string, Tensor>> found;
  auto rest = nb::cast<nb::dict>(nb::module_::import_("builtins").attr("dict")(state));
  for (const auto& [name, old] : self.named_parameters()) {
    if (!rest.contains(name.c_str())) {
      wrong += strict ? concat("\n  missing: ", name, " ", old.shape().to_string()) : "";
      continue;
    }
    found.emplace_back(name, value_of(name, rest[name.c_str()]));
    const Shape& shape = found.back().second.shape();
    if (shape != old.shape()) {
      wrong += concat("\n  ", name, ": expected ", old.shape().to_string(), ", got ", shape.to_string());
    }
    nb::del(rest[name.c_str()]);
  }
  for (const auto& [key, value] : rest) {
    wrong += strict ? concat("\n  unexpected: ", nb::cast<std::string>(nb::str(key))) : "";
  }
  PIO_CHECK(wrong.empty(), "[load_state_dict] the values do not fit:", wrong);
  for (auto& [name, value] : found) {
    value = loaded_parameter(name, value);
  }
  self.replace_parameters(found);
}

void set_parameter(nn::Module& self, const std::string& name, nb::handle value) {
  Tensor tensor = make_tensor(value, DType::kF32);
  if (!tensor.node()->is(tensor::kParameter)) {
    tensor = loaded_parameter(name, tensor);
  }
  self.replace_parameters(std::vector<std::pair<std::string, Tensor>>{{name, tensor}});
}

}  // namespace pio::bindings
