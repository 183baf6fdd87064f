// SPDX-License-Identifier: Apache-2.0
#include "model.h"
#include "pio/plugin/model_factory.h"

namespace pio::models::llama {
namespace {

class LlamaPlugin final : public plugin::CausalLMPlugin {
 protected:
  std::unique_ptr<plugin::BaseConfig> make_config() const override {
    return std::make_unique<LlamaConfig>();
  }
  std::shared_ptr<nn::Module> make_model(const plugin::BaseConfig& config) const override {
    return std::make_unique<LlamaModel>(dynamic_cast<const LlamaConfig&>(config));
  }
  plugin::LoadRules load_rules(const plugin::CustomModelLoader& loader,
                               const plugin::BaseConfig& config) const override {
    plugin::LoadRules rules = CausalLMPlugin::load_rules(loader, config);
    if (loader.is_gguf()) {
      const nn::DecoderSpec spec = dynamic_cast<const LlamaConfig&>(config).spec();
      rules.row_order = plugin::paired_qk_rows(spec.heads, spec.kv_heads);
    }
    return rules;
  }
};

}  // namespace

/// Called by the factory; named after the folder.
plugin::PluginClass plugin_class() { return plugin::plugin_class<LlamaPlugin>(); }

}  // namespace pio::models::llama
