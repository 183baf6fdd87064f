// SPDX-License-Identifier: Apache-2.0
// ModelPluginInterface, CausalLMPlugin, CustomModelLoader and ModelFactory.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>

#include "answer.h"
#include "bindings.h"
#include "generation_request.h"
#include "pio/base/error.h"
#include "pio/plugin/load_causal.h"
#include "pio/plugin/model_factory.h"
#include "py_plugin.h"
#include "tensor_data.h"

namespace pio::bindings {
namespace {

using plugin::CausalLMPlugin;
using plugin::ModelPluginInterface;

// The factory with the model folders written in Python, found when it is first asked for.
plugin::ModelFactory& factory() {
  nb::module_::import_("inference_pio._discovery").attr("discover")();
  return plugin::model_factory();
}

// A plugin as Python sees it: the Python object that it is, or a C++ one under its widest known class.
nb::object to_object(std::shared_ptr<ModelPluginInterface> made) {
  if (auto causal = std::dynamic_pointer_cast<CausalLMPlugin>(made)) {
    return nb::cast(causal);
  }
  return nb::cast(made);
}

// The classes that the factory has: it outlives the interpreter, so they are let go at exit.
std::vector<std::shared_ptr<nb::object>>& plugin_classes() {
  static std::vector<std::shared_ptr<nb::object>> classes;
  return classes;
}

// The engine's view of a plugin class written in Python.
plugin::PluginClass plugin_class(nb::object cls) {
  const nb::handle base = nb::type<ModelPluginInterface>();
  PIO_CHECK(PyType_Check(cls.ptr()) != 0 && PyObject_IsSubclass(cls.ptr(), base.ptr()) == 1,
            "[register] got ", nb::cast<std::string>(nb::repr(cls)), ", expected a subclass of ModelPluginInterface");
  const nb::handle causal = nb::type<CausalLMPlugin>();
  const bool is_causal = PyObject_IsSubclass(cls.ptr(), causal.ptr()) == 1;
  const nb::object infer = cls.attr("infer");
  const bool own = !infer.is(base.attr("infer")) && !infer.is(causal.attr("infer"));
  const auto held = std::make_shared<nb::object>(std::move(cls));
  plugin_classes().push_back(held);
  return {.make =
              [held, own] {
                return call_python([&] {
                  auto made = nb::cast<std::shared_ptr<ModelPluginInterface>>((*held)());
                  made->note_own_loop(own);
                  return made;
                });
              },
          .kind = is_causal ? plugin::PluginKind::kCausalLM : plugin::PluginKind::kGeneric,
          .has_own_loop = own,
          .unit_tests = [held] {
            return call_python([&] {
              const nb::module_ tests = nb::module_::import_("inference_pio._unit_tests");
              return nb::cast<std::string>(tests.attr("run_unit_tests")(*held));
            });
          }};
}

void register_folder(const std::string& manifest_text, const std::string& source, const std::string& folder,
                     nb::object cls) {
  plugin::Manifest manifest = plugin::parse_manifest(manifest_text, source);
  manifest.language = "python";
  manifest.path = folder;
  plugin::model_factory().add(std::move(manifest), plugin_class(std::move(cls)), folder);
}

void register_broken(const std::string& name, const std::string& folder, const std::string& reason,
                     const std::string& language) {
  plugin::model_factory().add_broken(
      {.name = name, .version = "", .type = "model", .language = language, .path = folder}, reason);
}

// Whether a C++ folder of this name was compiled in.
bool is_built_in(const std::string& name) {
  return std::ranges::any_of(plugin::model_factory().available(), [&](const plugin::Architecture& architecture) {
    return architecture.manifest.name == name && architecture.manifest.path.empty();
  });
}

nb::dict manifest_of(const std::string& text, const std::string& source) {
  const plugin::Manifest manifest = plugin::parse_manifest(text, source);
  nb::dict out;
  out["name"] = manifest.name;
  out["language"] = manifest.language;
  out["entry_point"] = manifest.entry_point;
  return out;
}

nb::object create(const std::string& name, nb::object model_path, nb::kwargs given) {
  plugin::ModelFactory& all = factory();
  plugin::LoadOptions options;
  take_load_options(given, options);
  const std::string path = model_path.is_none() ? "" : nb::cast<std::string>(nb::str(model_path));
  json::Object fields = to_json_object(given, "[create] overrides");
  try {
    std::shared_ptr<ModelPluginInterface> made;
    {
      nb::gil_scoped_release release;
      made = all.create(name, path, std::move(fields), options);
    }
    return to_object(std::move(made));
  } catch (const plugin::UnknownFieldError& error) {
    throw nb::type_error(error.what());
  }
}

nb::list available() {
  nb::list out;
  for (const plugin::Architecture& architecture : factory().available()) {
    out.append(nb::str(architecture.manifest.name.c_str()));
  }
  return out;
}

// self.config and self.model as a Python plugin's initialize would set them.
void default_initialize(nb::handle self, nb::kwargs fields) {
  self.attr("config") = config_class_of(self)(**fields);
  if (!nb::isinstance<CausalLMPlugin>(self)) {
    return;
  }
  PIO_CHECK(nb::hasattr(self.type(), "model_class"), "[plugin] ", nb::cast<std::string>(self.type().attr("__name__")),
            " names no model: set model_class, or write initialize");
  self.attr("model") = self.type().attr("model_class")(self.attr("config"));
}

// Whether a plugin is written in C++: no Python subclass.
bool is_cpp(const ModelPluginInterface& plugin) {
  return dynamic_cast<const PyCausalLM*>(&plugin) == nullptr &&
         dynamic_cast<const PyPlugin<ModelPluginInterface>*>(&plugin) == nullptr;
}

// A C++ plugin has its config and model in C++: attributes that a Python one sets itself.
nb::object missing_attribute(nb::handle self, const std::string& name) {
  auto& plugin = nb::cast<ModelPluginInterface&>(self);
  auto* causal = dynamic_cast<CausalLMPlugin*>(&plugin);
  const bool in_cpp = is_cpp(plugin);
  if (in_cpp && name == "config") {
    return nb::module_::import_("types").attr("SimpleNamespace")(**to_python(plugin.config().to_json()));
  }
  if (in_cpp && name == "model" && causal != nullptr) {
    return nb::cast(causal->model());
  }
  if (causal != nullptr && name == "tokenizer") {
    return causal->loaded() == nullptr ? nb::none() : nb::cast(causal->text().tokenizer);
  }
  throw nb::attribute_error(
      concat("'", nb::cast<std::string>(self.type().attr("__name__")), "' object has no attribute '", name, "'").c_str());
}

generation::GenerationResult infer_causal(CausalLMPlugin& self, nb::object input) {
  generation::Request request = to_request(input, nb::kwargs(), text_of(self));
  // A Python class that came here has no infer of its own, or asks for this one in it.
  if (!self.has_own_loop() || !is_cpp(self)) {
    PIO_CHECK(self.loaded() != nullptr, "[infer] nothing is loaded: load_model needs a model_path");
    return Answer(self.loaded(), std::move(request)).result();
  }
  nb::gil_scoped_release release;
  return self.infer(std::move(request));
}

generation::GenerationResult infer_any(ModelPluginInterface& self, nb::object input) {
  if (!is_cpp(self) || !self.has_own_loop()) {
    fail(ErrorCode::kUnsupported, concat("[infer] ", nb::cast<std::string>(nb::find(self).type().attr("__name__")),
                                         " is not generative: it has no infer"));
  }
  generation::Request request = to_request(input, nb::kwargs(), text_of(self));
  nb::gil_scoped_release release;
  return self.infer(std::move(request));
}

void load_model(nb::handle self, nb::kwargs given) {
  auto& plugin = nb::cast<CausalLMPlugin&>(self);
  if (auto* python = dynamic_cast<PyCausalLM*>(&plugin); python != nullptr) {
    python->load_from_python(given);
    return;
  }
  plugin::LoadOptions options;
  take_load_options(given, options);
  reject_rest(given, "load_model");
  nb::gil_scoped_release release;
  plugin.load_model(options);
}

void bind_loader(nb::module_& m) {
  using plugin::CustomModelLoader;
  nb::class_<CustomModelLoader>(m, "CustomModelLoader", "An opened checkpoint, a Hugging Face folder or a .gguf file.")
      .def("__init__",
           [](CustomModelLoader* self, nb::object path) {
             new (self) CustomModelLoader(std::filesystem::path(nb::cast<std::string>(nb::str(path))));
           },
           nb::arg("path"))
      .def_prop_ro("config", [](const CustomModelLoader& self) { return to_python(self.config().raw()); },
                   "config.json, or a GGUF's metadata under its names.")
      .def("names", &CustomModelLoader::names, "Names of all tensors as the files have them.")
      .def("tensor", &CustomModelLoader::tensor, nb::arg("name"), "One tensor. Errors: LoadError if there is none of that name.")
      .def("load_into",
           [](const CustomModelLoader& self, nn::Module& module, bool allow_extra) {
             plugin::LoadRules rules;
             rules.allow_extra = allow_extra;
             if (self.is_gguf()) {
               rules.file_name = plugin::gguf_name;
             }
             return self.load_into(module, rules);
           },
           nb::arg("module"), nb::arg("allow_extra") = false,
           "Points every parameter of module at its tensor; returns the names that were not read. Errors: LoadError "
           "listing all that are missing, misshapen or unexpected.");
}

struct FactoryName {};  // ModelFactory in Python: one per process, so its methods are the class's

}  // namespace

void bind_plugin(nb::module_& m) {
  bind_loader(m);
  nb::class_<ModelPluginInterface, PyPlugin<ModelPluginInterface>>(
      m, "ModelPluginInterface", nb::dynamic_attr(), nb::is_weak_referenceable(),
      "The life of an architecture: created without arguments, initialize(**kwargs), load_model(), infer(input_data).")
      .def(nb::init<>())
      .def("initialize", &default_initialize,
           "Sets config from the keywords, and model where the class names one. Errors: TypeError for another field.")
      .def("load_model", [](nb::handle) {}, "Makes the model ready; here there is nothing to load.")
      .def("infer", &infer_any, nb::arg("input_data"),
           "Answers a request. Errors: LoadError for a plugin that is not generative, as this class itself.")
      .def_prop_ro("_has_own_loop", &ModelPluginInterface::has_own_loop)
      .def("__getattr__", &missing_attribute)
      .attr("infer_timeout") = 300.0;  // seconds that an infer of its own may work on one piece
  nb::class_<CausalLMPlugin, ModelPluginInterface, PyCausalLM>(
      m, "CausalLMPlugin", nb::dynamic_attr(),
      "An architecture that maps ids to logits: with a config_class and a model_class it has tokenization, the chat "
      "template and the generation loop. paired_qk_rows: a GGUF of it has the rows of q and k permuted, as llama's; "
      "ignored_parameters: endings of names that a file may have and the model does not use, each with its reason.")
      .def(nb::init<>())
      .def("load_model", &load_model,
           "Loads config.model_path, where there is one; options as inference_pio.load's.")
      .def("infer", &infer_causal, nb::arg("input_data"), "Answers a text, a list of ids, or a dict.")
      .def("session", [](nb::object self) { return nb::module_::import_("inference_pio._pio").attr("Session")(self); },
           "A sequence of its own, for loops by hand.");
  nb::class_<FactoryName>(m, "ModelFactory", "The architectures of this process, those of model folders included.")
      .def_static("create", &create, nb::arg("name"), nb::arg("model_path") = nb::none(), nb::arg("overrides"),
                  "A plugin: made, initialised, and its load_model called; a CausalLMPlugin without a path stays as it "
                  "is, with fresh parameters. Overrides are config fields, or options as inference_pio.load's. Errors: "
                  "TypeError for another name.")
      .def_static("register",
                  [](const std::string& name, nb::object cls) { factory().register_plugin(name, plugin_class(cls)); },
                  nb::arg("name"), nb::arg("plugin_class"),
                  "Adds a class by hand. Errors: InvalidArgumentError if the name is taken, or is not a lower-case "
                  "letter, then letters, digits and _.")
      .def_static("available", &available, "Names of all architectures.");
  nb::module_::import_("atexit").attr("register")(nb::cpp_function([] {
    for (const auto& held : plugin_classes()) {
      held->reset();
    }
  }));
  m.def("_register_folder", &register_folder);
  m.def("_register_broken", &register_broken);
  m.def("_is_built_in", &is_built_in);
  m.def("_manifest", &manifest_of);
  m.def("_own_loop_fields", &own_loop_fields, nb::arg("plugin"), nb::arg("input"), nb::arg("sampling"));
  m.def("_load", [](nb::object path, const std::string& name, nb::dict given) {
    plugin::LoadOptions options;
    take_load_options(given, options);
    reject_rest(given, "load");
    const plugin::ModelFactory& all = factory();
    const auto file = nb::cast<std::string>(path);
    nb::gil_scoped_release release;
    auto made = plugin::load_generative(all, name, file, options);
    nb::gil_scoped_acquire acquire;
    return to_object(std::move(made));
  });
  m.def("config_aliases", [] {
    nb::dict out;
    for (const std::string_view field : plugin::aliased_fields()) {
      nb::list names;
      for (const std::string_view alias : plugin::aliases(field)) {
        if (alias != field) {
          names.append(nb::str(alias.data(), alias.size()));
        }
      }
      out[nb::str(field.data(), field.size())] = names;
    }
    return out;
  });
}

}  // namespace pio::bindings
