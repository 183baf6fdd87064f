// SPDX-License-Identifier: Apache-2.0
// Plugins written in Python: the engine calls initialize, load_model and infer of the Python class.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/stl/shared_ptr.h>

#include <algorithm>
#include <optional>

#include "errors.h"
#include "json_convert.h"
#include "pio/plugin/model_plugin.h"
#include "py_config.h"

namespace pio::bindings {

/// The BaseConfig subclass of a plugin class: its config_class, or the one that its folder's config.py defines,
/// or BaseConfig. Needs the GIL.
[[nodiscard]] nb::object config_class_of(nb::handle plugin);

/// Whether the class of `plugin` has a `name` of its own, not that of the engine's class `base`.
[[nodiscard]] bool overrides(nb::handle plugin, nb::handle base, const char* name);

/// Asks the Python infer() of `self`, as inference_pio/_own_loop.py does. Needs the GIL, which on_text is called without.
[[nodiscard]] generation::GenerationResult infer_in_python(nb::handle self, generation::Request request);

/// A Python subclass of Base.
template <class Base>
class PyPlugin : public Base {
 public:
  void initialize(const json::Object& fields) override {
    Base::initialize(fields);
    const bool has_file =
        std::ranges::any_of(fields, [](const auto& field) { return field.first == "model_path"; });
    if (!has_file) {  // otherwise the file's values come first: load_model()
      initialize_python();
    }
  }
  void load_model(const plugin::LoadOptions& options) override {
    const plugin::CustomModelLoader loader(options.checkpoint ? *options.checkpoint
                                                              : formats::open_checkpoint(this->config().model_path));
    this->load_config(loader.config());
    initialize_python();
    call_python([&] { self().attr("load_model")(); });
  }
  [[nodiscard]] generation::GenerationResult infer(generation::Request request) override {
    return this->has_own_loop() ? call_python([&] { return infer_in_python(self(), std::move(request)); })
                                : Base::infer(std::move(request));
  }

  /// Takes the values of the config that the Python side made, if any, as a caller's.
  void take_python_config() {
    const nb::object config = nb::getattr(self(), "config", nb::none());
    const PyConfig defaults(config_class_of(self()));
    Base::initialize(config.is_none() ? json::Object{} : defaults.changed(config));
  }

 protected:
  [[nodiscard]] nb::object self() const { return nb::find(static_cast<const Base&>(*this)); }
  [[nodiscard]] std::unique_ptr<plugin::BaseConfig> make_config() const override {
    return call_python([&] { return std::make_unique<PyConfig>(config_class_of(self())); });
  }
  // initialize(**kwargs) with the finished values; once for the same values.
  void initialize_python() const {
    call_python([&] {
      json::Object values = dynamic_cast<const PyConfig&>(const_cast<PyPlugin*>(this)->config()).changed();
      std::string text = json::Value(values).dump();
      if (text != initialized_) {
        self().attr("initialize")(**to_python(values));
        initialized_ = std::move(text);
      }
    });
  }

 private:
  mutable std::optional<std::string> initialized_;
};

/// A Python subclass of CausalLMPlugin.
class PyCausalLM final : public PyPlugin<plugin::CausalLMPlugin> {
 public:
  void load_model(const plugin::LoadOptions& options) override;
  /// load_model() as Python calls it: from a load_model of its own, or by hand, then with these options.
  void load_from_python(const plugin::LoadOptions& options);

 protected:
  [[nodiscard]] std::shared_ptr<nn::Module> make_model(const plugin::BaseConfig& config) const override;
  [[nodiscard]] plugin::LoadRules load_rules(const plugin::CustomModelLoader& loader,
                                             const plugin::BaseConfig& config) const override;

 private:
  const plugin::LoadOptions* options_ = nullptr;  // while load_model runs
};

}  // namespace pio::bindings
