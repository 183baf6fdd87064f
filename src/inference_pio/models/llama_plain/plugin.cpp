// SPDX-License-Identifier: Apache-2.0
#include "model.h"
#include "pio/plugin/model_factory.h"

namespace pio::models::llama_plain {
namespace {

class LlamaPlainPlugin final : public plugin::CausalLMPlugin {
 protected:
  std::unique_ptr<plugin::BaseConfig> make_config() const override {
    return std::make_unique<LlamaPlainConfig>();
  }
  std::shared_ptr<nn::Module> make_model(const plugin::BaseConfig& config) const override {
    const auto& c = dynamic_cast<const LlamaPlainConfig&>(config);
    c.check();
    return std::make_unique<LlamaPlainModel>(c);
  }
  plugin::LoadRules load_rules(const plugin::CustomModelLoader& loader,
                               const plugin::BaseConfig& config) const override {
    plugin::LoadRules rules = CausalLMPlugin::load_rules(loader, config);
    if (loader.is_gguf()) {
      const auto& c = dynamic_cast<const LlamaPlainConfig&>(config);
      rules.row_order = plugin::paired_qk_rows(c.heads(), c.kv_heads());
    }
    return rules;
  }
};

}  // namespace

/// Called by the factory; named after the folder.
plugin::PluginClass plugin_class() { return plugin::plugin_class<LlamaPlainPlugin>(); }

}  // namespace pio::models::llama_plain
