// SPDX-License-Identifier: Apache-2.0
#include "py_plugin.h"

#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "generation_request.h"
#include "pio/generation/request.h"

namespace pio::bindings {

nb::object config_class_of(nb::handle plugin) {
  return nb::module_::import_("inference_pio._discovery").attr("config_class")(plugin.type());
}

bool overrides(nb::handle plugin, nb::handle base, const char* name) {
  return !plugin.type().attr(name).is(base.attr(name));
}

json::Object given_fields(nb::handle config) {
  return to_json_object(nb::cast<nb::dict>(config.attr("_given")()), "[plugin] config");
}

generation::GenerationResult infer_in_python(nb::handle self, generation::Request request) {
  constexpr double kPatience = 0.05;  // seconds until on_text is asked again whether to go on
  const nb::object answer =
      nb::module_::import_("inference_pio._own_loop").attr("OwnAnswer")(self, to_fields(request));
  bool is_cancelled = false;
  while (!is_cancelled) {
    const nb::object piece = answer.attr("poll")(kPatience);
    if (piece.is_none()) {
      break;
    }
    const auto text = nb::cast<std::string>(piece);
    nb::gil_scoped_release release;
    is_cancelled = request.on_text && !request.on_text(text);
  }
  if (is_cancelled) {
    answer.attr("close")();
  }
  auto result = nb::cast<generation::GenerationResult>(answer.attr("result")());
  if (is_cancelled) {
    result.finish_reason = generation::FinishReason::kCancelled;
  }
  return result;
}

void PyCausalLM::load_model(const plugin::LoadOptions& options) {
  const bool own = call_python([&] { return overrides(self(), nb::type<plugin::CausalLMPlugin>(), "load_model"); });
  if (own) {
    PyPlugin::load_model(options);
  } else {
    CausalLMPlugin::load_model(options);
  }
}

void PyCausalLM::load_from_python(nb::dict given) {
  plugin::LoadOptions options = options_ != nullptr ? *options_ : plugin::LoadOptions{};
  take_load_options(given, options);
  reject_rest(given, "load_model");
  if (options_ == nullptr) {
    take_python_config();
  }
  nb::gil_scoped_release release;
  CausalLMPlugin::load_model(options);
}

std::shared_ptr<nn::Module> PyCausalLM::make_model(const plugin::BaseConfig& /*config*/) const {
  initialize_python();
  return call_python([&] {
    const nb::object model = nb::getattr(self(), "model", nb::none());
    PIO_CHECK(nb::isinstance<nn::Module>(model), "[plugin] initialize of ",
              nb::cast<std::string>(self().type().attr("__name__")), " must set self.model to a Module");
    return nb::cast<std::shared_ptr<nn::Module>>(model);
  });
}

plugin::LoadRules PyCausalLM::load_rules(const plugin::CustomModelLoader& loader,
                                         const plugin::BaseConfig& config) const {
  plugin::LoadRules rules = CausalLMPlugin::load_rules(loader, config);
  call_python([&] {
    const nb::object cls = nb::borrow(self().type());
    if (nb::hasattr(cls, "ignored_parameters")) {
      for (const nb::handle pattern : cls.attr("ignored_parameters")) {
        rules.ignored_parameters.push_back(nb::cast<std::string>(pattern));
      }
    }
    if (loader.is_gguf() && nb::cast<bool>(nb::bool_(nb::getattr(cls, "paired_qk_rows", nb::bool_(false))))) {
      const auto& values = dynamic_cast<const PyConfig&>(config);
      const int64_t heads = values.whole_number("num_attention_heads").value_or(1);
      rules.row_order = plugin::paired_qk_rows(heads, values.whole_number("num_key_value_heads").value_or(heads));
    }
  });
  return rules;
}

}  // namespace pio::bindings
