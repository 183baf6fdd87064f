// SPDX-License-Identifier: Apache-2.0
// Module and the layers.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <cstring>

#include "bindings.h"
#include "pio/nn/conv1d.h"
#include "pio/nn/decoder.h"
#include "pio/nn/layer_norm.h"
#include "pio/nn/layers.h"
#include "py_module.h"
#include "rope_argument.h"
#include "tensor_data.h"

namespace pio::bindings {
namespace {

using nn::Module;

// Modules that are running on this thread: the outermost one names its tree.
thread_local int running = 0;

struct Running {
  Running() { ++running; }
  ~Running() { --running; }
};

// module(...): runs forward and tells a trace who is running. A tree that nobody named yet is named by its root,
// so that the initial values of its parameters differ.
nb::object call(nb::handle self, nb::args args, nb::kwargs options) {
  Module& module = nb::cast<Module&>(self);
  if (running == 0 && !module.is_named()) {
    module.name_parameters();
  }
  const Running guard;
  tensor::CallScope scope(module.path());
  nb::object out = self.attr("forward")(*args, **options);
  if (args.size() > 0 && nb::isinstance<Tensor>(args[0]) && nb::isinstance<Tensor>(out)) {
    scope.note(nb::cast<const Tensor&>(args[0]), nb::cast<const Tensor&>(out));
  }
  return out;
}

std::vector<std::pair<std::string, Tensor>> named_parameters(Module& self) {
  std::vector<std::pair<std::string, Tensor>> out;
  for (const auto& [name, slot] : self.named_parameters()) {
    out.emplace_back(name, tensor::parameter(slot));
  }
  return out;
}

nb::dict state_dict(Module& self) {
  nb::dict out;
  for (const auto& [name, tensor] : named_parameters(self)) {
    out[name.c_str()] = tensor;
  }
  return out;
}

// Fills `slot` with the values of `tensor`. What a loader gave keeps its format; a computed value becomes f32.
void fill(tensor::Slot& slot, Tensor tensor) {
  if (tensor.node()->is(tensor::kParameter) && tensor.node()->slot()->loaded) {
    const tensor::Slot& from = *tensor.node()->slot();
    slot.type = from.type;
    slot.packed_type = from.packed_type;
    slot.data = from.data;
    slot.owner = from.owner;
    slot.row_order = from.row_order;
  } else {
    auto bytes = std::make_shared<std::vector<std::byte>>(evaluate(tensor));
    slot.type = slot.packed_type = quant::QuantType::kF32;
    slot.data = *bytes;
    slot.owner = std::move(bytes);
    slot.row_order.clear();
  }
  slot.loaded = true;
}

void load_state_dict(Module& self, nb::object state, bool strict) {
  std::string wrong;
  std::vector<std::pair<std::shared_ptr<tensor::Slot>, Tensor>> found;
  auto rest = nb::cast<nb::dict>(nb::module_::import_("builtins").attr("dict")(state));
  for (const auto& [name, slot] : self.named_parameters()) {
    if (!rest.contains(name.c_str())) {
      wrong += strict ? concat("\n  missing: ", name, " ", slot->shape.to_string()) : "";
      continue;
    }
    const Tensor given = make_tensor(rest[name.c_str()], DType::kF32);
    if (given.shape() != slot->shape) {
      wrong += concat("\n  ", name, ": expected ", slot->shape.to_string(), ", got ", given.shape().to_string());
    }
    found.emplace_back(slot, given);
    nb::del(rest[name.c_str()]);
  }
  for (const auto& [key, value] : rest) {
    wrong += strict ? concat("\n  unexpected: ", nb::cast<std::string>(nb::str(key))) : "";
  }
  PIO_CHECK(wrong.empty(), "[load_state_dict] the values do not fit:", wrong);
  for (auto& [slot, value] : found) {
    fill(*slot, value);
  }
}

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

Tensor new_parameter(nb::sequence shape, const std::string& init) {
  auto slot = std::make_shared<tensor::Slot>();
  slot->shape = to_shape(shape);
  slot->init = init_from_name(init);
  return tensor::parameter(std::move(slot));
}

void bind_module(nb::module_& m) {
  nb::class_<Module, PyModule<Module>>(
      m, "Module", nb::dynamic_attr(), nb::is_weak_referenceable(),
      "Base of layers and models.\n\nAttributes that are modules, lists of modules or Parameters are its members; "
      "their names are the checkpoint's. forward is traced when a model is loaded, never run per token.")
      .def(nb::init<>())
      .def("__call__", &call, nb::sig("def __call__(self, *args: typing.Any, **kwargs: typing.Any) -> typing.Any"))
      .def("forward",
           [](nb::handle self, nb::args, nb::kwargs) -> nb::object {
             fail(ErrorCode::kInvalidArgument, concat("[module] ", nb::cast<std::string>(self.type().attr("__name__")),
                                                      " has no forward"));
           },
           nb::sig("def forward(self, *args: typing.Any, **kwargs: typing.Any) -> typing.Any"),
           "The computation, written by subclasses. Errors: InvalidArgumentError here.")
      .def("parameters",
           [](Module& self) {
             std::vector<Tensor> out;
             for (auto& [name, tensor] : named_parameters(self)) {
               out.push_back(tensor);
             }
             return out;
           },
           "The parameters of the tree.")
      .def("named_parameters", &named_parameters, "The parameters with their names under this module.")
      .def("named_modules",
           [](nb::handle self) {
             nb::list out;
             for (const auto& [name, module] : nb::cast<Module&>(self).named_modules()) {
               out.append(nb::make_tuple(name, nb::cast(module, nb::rv_policy::reference_internal, self)));
             }
             return out;
           },
           "The modules of the tree with their names, this one (\"\") first.")
      .def("state_dict", &state_dict, "The parameters by name.")
      .def("load_state_dict", &load_state_dict, nb::arg("state_dict"), nb::arg("strict") = true,
           "Takes values by name. Errors: InvalidArgumentError listing all that are missing, unexpected or of "
           "another shape.");
  m.def("Parameter", &new_parameter, nb::arg("shape"), nb::arg("init") = "uniform",
        "A parameter of a module, named after the attribute it is put in; init: uniform, ones or zeros.");
}

// A layer class with forward(x).
template <class T>
nb::class_<T, Module, PyModule<T>> layer(nb::module_& m, const char* name, const char* doc) {
  return nb::class_<T, Module, PyModule<T>>(m, name, nb::dynamic_attr(), doc)
      .def("forward", [](const T& self, const Tensor& x) { return self.forward(x); }, nb::arg("x"));
}

nn::DecoderSpec make_spec(nb::kwargs given) {
  nn::DecoderSpec out;
  const auto take = [&](const char* name, auto& field) {
    if (given.contains(name)) {
      field = nb::cast<std::remove_reference_t<decltype(field)>>(given[name]);
      nb::del(given[name]);
    }
  };
  take("vocab", out.vocab);
  take("hidden", out.hidden);
  take("intermediate", out.intermediate);
  take("layers", out.layers);
  take("heads", out.heads);
  take("kv_heads", out.kv_heads);
  take("head_dim", out.head_dim);
  take("norm_eps", out.norm_eps);
  take("attention_bias", out.attention_bias);
  take("output_bias", out.output_bias);
  take("mlp_bias", out.mlp_bias);
  take("tied_head", out.tied_head);
  take("window", out.window);
  take("rope_theta", out.rope.theta);
  nb::object scaling = nb::none();
  take("rope_scaling", scaling);
  take("max_positions", out.rope.max_positions);
  out.rope.scaling = rope_scaling_argument(scaling, "[decoder] rope_scaling");
  for (const auto& [key, value] : given) {
    throw nb::type_error(concat("DecoderSpec has no field \"", nb::cast<std::string>(key), "\"").c_str());
  }
  return out;
}

}  // namespace

void bind_nn(nb::module_& m) {
  bind_module(m);
  layer<nn::Linear>(m, "Linear", "y = x weight^T + bias. weight: [out_features, in_features]; bias: [out_features].")
      .def(nb::init<int64_t, int64_t, bool>(), nb::arg("in_features"), nb::arg("out_features"), nb::arg("bias") = true)
      .def_prop_ro("weight", &nn::Linear::weight)
      .def_prop_ro("bias", &nn::Linear::bias);
  layer<nn::Embedding>(m, "Embedding", "Rows of a table. weight: [num, dim].")
      .def(nb::init<int64_t, int64_t>(), nb::arg("num"), nb::arg("dim"))
      .def_prop_ro("weight", &nn::Embedding::weight);
  layer<nn::RMSNorm>(m, "RMSNorm", "x / sqrt(mean(x^2) + eps) * weight over the last axis. weight: [dim].")
      .def(nb::init<int64_t, double>(), nb::arg("dim"), nb::arg("eps") = 1e-6)
      .def_prop_ro("weight", &nn::RMSNorm::weight);
  layer<nn::LayerNorm>(m, "LayerNorm", "(x - mean) / sqrt(variance + eps) * weight + bias over the last axis. weight, bias: [dim].")
      .def(nb::init<int64_t, double, bool>(), nb::arg("dim"), nb::arg("eps") = 1e-5, nb::arg("bias") = true);
  layer<nn::Conv1d>(m, "Conv1d",
                    "Convolution over the last axis of [batch, in_channels, length]. weight: [out_channels, in_channels / "
                    "groups, kernel_size]; bias: [out_channels].")
      .def(nb::init<int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, bool>(), nb::arg("in_channels"),
           nb::arg("out_channels"), nb::arg("kernel_size"), nb::arg("stride") = 1, nb::arg("padding") = 0,
           nb::arg("dilation") = 1, nb::arg("groups") = 1, nb::arg("bias") = true);
  nb::class_<nn::DecoderSpec>(m, "DecoderSpec",
                              "What a decoder is made of; the fields of C++'s nn::DecoderSpec by keyword, with "
                              "rope_theta, rope_scaling (as in config.json) and max_positions (stands in for a missing "
                              "original_max_position_embeddings) for its rope.")
      .def("__init__", [](nn::DecoderSpec* self, nb::kwargs given) { new (self) nn::DecoderSpec(make_spec(given)); });
  layer<nn::Decoder>(m, "Decoder", "A pre-norm decoder composed from a spec: embedding, layers, norm and head.")
      .def(nb::init<const nn::DecoderSpec&>(), nb::arg("spec"));
}

}  // namespace pio::bindings
