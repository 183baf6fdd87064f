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

/// The fields that `config`, a BaseConfig, was given when it was made, and those that were set later. Needs the GIL.
[[nodiscard]] json::Object given_fields(nb::handle config);

/// Asks the Python infer() of `self`, as inference_pio/_own_loop.py does. Needs the GIL, which on_text is called without.
[[nodiscard]] generation::GenerationResult infer_in_python(nb::handle self, generation::Request request);

/// Sets what the engine asked of a load_model for as long as that runs.
class LoadScope {
 public:
  LoadScope(const plugin::LoadOptions*& slot, const plugin::LoadOptions& options) : slot_(slot) { slot_ = &options; }
  LoadScope(const LoadScope&) = delete;
  LoadScope& operator=(const LoadScope&) = delete;
  ~LoadScope() { slot_ = nullptr; }

 private:
  const plugin::LoadOptions*& slot_;
};

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
    take_file_config(options);
    const LoadScope scope(options_, options);
    call_python([&] { self().attr("load_model")(); });
  }
  [[nodiscard]] generation::GenerationResult infer(generation::Request request) override {
    return this->has_own_loop() ? call_python([&] { return infer_in_python(self(), std::move(request)); })
                                : Base::infer(std::move(request));
  }

  /// Takes what the Python side gave its config, if it made one, as a caller's values.
  void take_python_config() {
    const nb::object config = nb::getattr(self(), "config", nb::none());
    Base::initialize(config.is_none() ? json::Object{} : given_fields(config));
  }

 protected:
  /// Those that the engine was given, while the Python load_model() runs.
  const plugin::LoadOptions* options_ = nullptr;

  // initialize() with the checkpoint's values under the caller's; without a checkpoint those were all.
  void take_file_config(const plugin::LoadOptions& options) {
    if (options.checkpoint || !this->config().model_path.empty()) {
      const plugin::CustomModelLoader loader(options.checkpoint ? *options.checkpoint
                                                                : formats::open_checkpoint(this->config().model_path));
      this->load_config(loader.config());
    }
    initialize_python();
  }
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
  /// load_model(**given) as Python calls it: by hand, or from a load_model of its own, then over the engine's options.
  void load_from_python(nb::dict given);

 protected:
  [[nodiscard]] std::shared_ptr<nn::Module> make_model(const plugin::BaseConfig& config) const override;
  [[nodiscard]] plugin::LoadRules load_rules(const plugin::CustomModelLoader& loader,
                                             const plugin::BaseConfig& config) const override;
};

}  // namespace pio::bindings
