// SPDX-License-Identifier: Apache-2.0
// Module and the layers.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "bindings.h"
#include "parameters.h"
#include "pio/nn/conv1d.h"
#include "pio/nn/decoder.h"
#include "pio/nn/layer_norm.h"
#include "pio/nn/layers.h"
#include "py_module.h"
#include "py_number.h"
#include "rope_argument.h"

namespace pio::bindings {
namespace {

using nn::Module;
using nn::Tensor;

// Modules that are running on this thread: the outermost one names its tree.
thread_local int running = 0;

struct Running {
  Running() { ++running; }
  ~Running() { --running; }
};

// Whether `self` computes in C++ and has no method for it in Python: its class is Module itself.
bool is_cpp(nb::handle self, const Module& module) {
  return self.type().attr("forward").is(nb::type<Module>().attr("forward")) &&
         dynamic_cast<const PyModule<Module>*>(&module) == nullptr;
}

nb::object call_cpp(nb::handle self, const Module& module, const nb::args& args, const nb::kwargs& options) {
  PIO_CHECK(args.size() == 1 && options.size() == 0 && nb::isinstance<Tensor>(args[0]), "[module] \"",
            escaped(module.path()), "\" (", python_type(self), ") is written in C++: expected one tensor, got ",
            args.size(), " arguments and ", options.size(), " keywords",
            args.size() == 1 ? concat(", a ", python_type(args[0])) : "");
  return nb::cast(module.call(nb::cast<const Tensor&>(args[0])));
}

// module(...): runs forward and tells a trace who is running. A tree that nobody named yet is named by its root,
// so that the initial values of its parameters differ.
nb::object call(nb::handle self, nb::args args, nb::kwargs options) {
  Module& module = module_of(self);
  if (running == 0 && !module.is_named()) {
    module.name_parameters();
  }
  const Running guard;
  if (is_cpp(self, module)) {
    return call_cpp(self, module, args, options);  // tells the trace itself
  }
  tensor::CallScope scope(module.path());
  nb::object out = self.attr("forward")(*args, **options);
  if (args.size() > 0 && nb::isinstance<Tensor>(args[0]) && nb::isinstance<Tensor>(out)) {
    scope.note(nb::cast<const Tensor&>(args[0]), nb::cast<const Tensor&>(out));
  }
  return out;
}

nb::object forward(nb::handle self, nb::args args, nb::kwargs options) {
  const Module& module = module_of(self);
  PIO_CHECK(is_cpp(self, module), "[module] ", python_type(self), " has no forward");
  return call_cpp(self, module, args, options);
}

nb::list named_modules(nb::handle self) {
  nb::list out;
  for (const auto& [name, module] : module_of(self).named_modules()) {
    out.append(nb::make_tuple(name, nb::cast(module, nb::rv_policy::reference_internal, self)));
  }
  return out;
}

// One line a module, those inside it indented, each with the shapes of its own parameters.
std::string repr(nb::handle self) {
  std::vector<std::string> open;  // names of the modules that hold the present one
  std::string out;
  const auto inside = [](const std::string& name, const std::string& prefix) {
    return prefix.empty() ? !name.empty() : name.starts_with(prefix + ".");
  };
  const auto modules = module_of(self).named_modules();
  std::vector<std::string> shapes(modules.size());
  for (const auto& [name, tensor] : module_of(self).named_parameters()) {
    size_t owner = 0;  // the innermost: a name may have dots of its own
    for (size_t i = 0; i < modules.size(); ++i) {
      owner = inside(name, modules[i].first) && modules[i].first.size() >= modules[owner].first.size() ? i : owner;
    }
    const std::string& prefix = modules[owner].first;
    shapes[owner] += concat(shapes[owner].empty() ? "" : ", ", name.substr(prefix.empty() ? 0 : prefix.size() + 1), "=",
                            tensor.shape().to_string());
  }
  for (size_t i = 0; i < modules.size(); ++i) {
    const auto& [name, module] = modules[i];
    while (!open.empty() && !inside(name, open.back())) {
      open.pop_back();
    }
    const std::string& prefix = open.empty() ? name : open.back();
    const std::string own = open.empty() ? "" : name.substr(prefix.empty() ? 0 : prefix.size() + 1);
    const nb::object object = nb::cast(module, nb::rv_policy::reference_internal, self);
    out += concat(open.empty() ? "" : "\n", std::string(2 * open.size(), ' '), own, own.empty() ? "" : ": ",
                  python_type(object), "(", shapes[i], ")");
    open.push_back(name);
  }
  return out;
}

void bind_module(nb::module_& m) {
  nb::class_<Module, PyModule<Module>>(
      m, "Module", nb::dynamic_attr(), nb::is_weak_referenceable(),
      "Base of layers and models.\n\nAttributes that are modules, lists of modules or Parameters are its members; "
      "their names are the checkpoint's. forward is traced when a model is loaded, never run per token.")
      .def("__init__", [](Module* self) { new (static_cast<void*>(self)) PyModule<Module>(); },  // has attributes too
           "An empty module; subclasses call it first.")
      .def("__call__", &call, nb::sig("def __call__(self, *args: typing.Any, **kwargs: typing.Any) -> typing.Any"))
      .def("forward", &forward, nb::sig("def forward(self, *args: typing.Any, **kwargs: typing.Any) -> typing.Any"),
           "The computation, written by subclasses, or that of a module written in C++, of one tensor. Errors: "
           "InvalidArgumentError where there is none.")
      .def("parameters",
           [](nb::handle self) {
             std::vector<Tensor> out;
             for (auto& [name, tensor] : module_of(self).named_parameters()) {
               out.push_back(tensor);
             }
             return out;
           },
           nb::sig("def parameters(self) -> list[Tensor]"), "The parameters of the tree.")
      .def("named_parameters", [](nb::handle self) { return module_of(self).named_parameters(); },
           nb::sig("def named_parameters(self) -> list[tuple[str, Tensor]]"),
           "The parameters with their names under this module.")
      .def("named_modules", &named_modules, nb::sig("def named_modules(self) -> list[tuple[str, Module]]"),
           "The modules of the tree with their names, this one (\"\") first.")
      .def("state_dict", [](nb::handle self) { return state_dict(module_of(self)); },
           nb::sig("def state_dict(self) -> dict[str, Tensor]"), "The parameters by name.")
      .def("load_state_dict",
           [](nb::handle self, nb::object state, bool strict) { load_state_dict(module_of(self), state, strict); },
           nb::arg("state_dict"), nb::arg("strict") = true,
           nb::sig("def load_state_dict(self, state_dict: object, strict: bool = True) -> None"),
           "Takes values by name; tensors computed before keep the old ones. Errors: InvalidArgumentError listing all "
           "that are missing, unexpected or of another shape.")
      .def("__repr__", &repr);
  m.def("Parameter", &new_parameter, nb::arg("shape"), nb::arg("init") = "uniform",
        nb::sig("def Parameter(shape: collections.abc.Sequence, init: str = 'uniform') -> Tensor"),
        "A parameter of a module, named after the attribute it is put in; init: uniform, ones or zeros.");
}

// A layer class with forward(x).
template <class T>
nb::class_<T, Module, PyModule<T>> layer(nb::module_& m, const char* name, const char* doc) {
  return nb::class_<T, Module, PyModule<T>>(m, name, nb::dynamic_attr(), doc)
      .def("forward", [](const T& self, const Tensor& x) { return self.forward(x); }, nb::arg("x"), "The layer applied to one tensor.");
}

// Properties weight and, where the layer may have one, bias.
template <class T, class... Extra>
void add_weight(nb::class_<T, Extra...>& c) {
  c.def_prop_rw("weight", &T::weight, [](T& self, nb::object value) { set_parameter(self, "weight", value); },
                nb::for_setter(nb::sig("def weight(self, value: object, /) -> None")),
                "The weight. A parameter put here is shared, as for a head tied to its embedding.");
  if constexpr (requires(const T& self) { self.bias(); }) {
    c.def_prop_rw("bias", &T::bias, [](T& self, nb::object value) { set_parameter(self, "bias", value); },
                  nb::for_setter(nb::sig("def bias(self, value: object, /) -> None")),
                  "The bias, or None for a layer without.");
  }
}

// The fields of a spec: f(name, what a value must be, member).
template <class F>
void for_spec_fields(F f) {
  constexpr const char* kWhole = "a whole number";
  constexpr const char* kFlag = "True or False";
  f("vocab", kWhole, &nn::DecoderSpec::vocab);
  f("hidden", kWhole, &nn::DecoderSpec::hidden);
  f("intermediate", kWhole, &nn::DecoderSpec::intermediate);
  f("layers", kWhole, &nn::DecoderSpec::layers);
  f("heads", kWhole, &nn::DecoderSpec::heads);
  f("kv_heads", kWhole, &nn::DecoderSpec::kv_heads);
  f("head_dim", kWhole, &nn::DecoderSpec::head_dim);
  f("norm_eps", "a number", &nn::DecoderSpec::norm_eps);
  f("attention_bias", kFlag, &nn::DecoderSpec::attention_bias);
  f("output_bias", kFlag, &nn::DecoderSpec::output_bias);
  f("mlp_bias", kFlag, &nn::DecoderSpec::mlp_bias);
  f("qk_norm", kFlag, &nn::DecoderSpec::qk_norm);
  f("tied_head", kFlag, &nn::DecoderSpec::tied_head);
  f("window", "a whole number or None", &nn::DecoderSpec::window);
}

constexpr const char* kSpecSignature =
    "def __init__(self, *, vocab: int, hidden: int, intermediate: int, layers: int, heads: int, kv_heads: int, "
    "head_dim: int, norm_eps: float = 1e-06, attention_bias: bool = False, output_bias: bool = False, "
    "mlp_bias: bool = False, qk_norm: bool = False, tied_head: bool = False, window: int | None = None, "
    "rope_theta: float = 10000.0, rope_scaling: dict[str, typing.Any] | None = None, max_positions: int = 0) -> None";

// Takes field `name` out of `given`, if it is there. Errors: kInvalidArgument naming the field.
template <class T>
void take_field(nb::kwargs& given, const char* name, const char* wanted, T& field) {
  if (!given.contains(name)) {
    return;
  }
  const nb::object value = given[name];
  PIO_CHECK(nb::try_cast(value, field), "[DecoderSpec] got ", name, "=",
            escaped(nb::cast<std::string>(nb::repr(value))), ", expected ", wanted);
  nb::del(given[name]);
}

nn::DecoderSpec make_spec(nb::kwargs given) {
  nn::DecoderSpec out;
  for_spec_fields([&](const char* name, const char* wanted, auto member) {
    take_field(given, name, wanted, out.*member);
  });
  take_field(given, "rope_theta", "a number", out.rope.theta);
  nb::object scaling = nb::none();
  take_field(given, "rope_scaling", "a dict as in config.json, or None", scaling);
  take_field(given, "max_positions", "a whole number", out.rope.max_positions);
  out.rope.scaling = rope_scaling_argument(scaling, "[decoder] rope_scaling");
  for (const auto& [key, value] : given) {
    std::string fields;
    for_spec_fields([&](const char* name, const char*, auto) { fields += concat(name, ", "); });
    throw nb::type_error(concat("DecoderSpec has no field \"", nb::cast<std::string>(key), "\": its fields are ", fields,
                                "rope_theta, rope_scaling and max_positions")
                             .c_str());
  }
  return out;
}

}  // namespace

void bind_nn(nb::module_& m) {
  bind_module(m);
  auto linear =
      layer<nn::Linear>(m, "Linear", "y = x weight^T + bias. weight: [out_features, in_features]; bias: [out_features].")
          .def(nb::init<int64_t, int64_t, bool>(), nb::arg("in_features"), nb::arg("out_features"),
               nb::arg("bias") = true);
  add_weight(linear);
  auto embedding = layer<nn::Embedding>(m, "Embedding", "Rows of a table. weight: [num, dim].")
                       .def(nb::init<int64_t, int64_t>(), nb::arg("num"), nb::arg("dim"));
  add_weight(embedding);
  auto rms_norm =
      layer<nn::RMSNorm>(m, "RMSNorm", "x / sqrt(mean(x^2) + eps) * weight over the last axis. weight: [dim].")
          .def(nb::init<int64_t, double>(), nb::arg("dim"), nb::arg("eps") = 1e-6);
  add_weight(rms_norm);
  auto layer_norm =
      layer<nn::LayerNorm>(m, "LayerNorm",
                           "(x - mean) / sqrt(variance + eps) * weight + bias over the last axis. weight, bias: [dim].")
          .def(nb::init<int64_t, double, bool>(), nb::arg("dim"), nb::arg("eps") = 1e-5, nb::arg("bias") = true);
  add_weight(layer_norm);
  auto conv1d =
      layer<nn::Conv1d>(m, "Conv1d",
                        "Convolution over the last axis of [batch, in_channels, length]. weight: [out_channels, "
                        "in_channels / groups, kernel_size]; bias: [out_channels].")
          .def(nb::init<int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, bool>(), nb::arg("in_channels"),
               nb::arg("out_channels"), nb::arg("kernel_size"), nb::arg("stride") = 1, nb::arg("padding") = 0,
               nb::arg("dilation") = 1, nb::arg("groups") = 1, nb::arg("bias") = true);
  add_weight(conv1d);
  nb::class_<nn::DecoderSpec> spec(m, "DecoderSpec",
                                   "What a decoder is made of; the fields of C++'s nn::DecoderSpec by keyword, with "
                                   "rope_theta, rope_scaling (as in config.json) and max_positions (stands in for a missing "
                                   "original_max_position_embeddings) for its rope. Errors: TypeError for another field, InvalidArgumentError for another kind of value.");
  spec.def("__init__", [](nn::DecoderSpec* self, nb::kwargs given) { new (self) nn::DecoderSpec(make_spec(given)); },
           nb::sig(kSpecSignature))
      .def_prop_ro("rope_theta", [](const nn::DecoderSpec& self) { return self.rope.theta; })
      .def_prop_ro("max_positions", [](const nn::DecoderSpec& self) { return self.rope.max_positions; });
  for_spec_fields([&](const char* name, const char*, auto member) { spec.def_ro(name, member); });
  layer<nn::Decoder>(m, "Decoder", "A pre-norm decoder composed from a spec: embedding, layers, norm and head.")
      .def(nb::init<const nn::DecoderSpec&>(), nb::arg("spec"));
}

}  // namespace pio::bindings
