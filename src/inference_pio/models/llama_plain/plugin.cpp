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
  std::unique_ptr<nn::Model> make_model(const plugin::BaseConfig& config) const override {
    return std::make_unique<LlamaPlainModel>(dynamic_cast<const LlamaPlainConfig&>(config));
  }
  plugin::LoadRules load_rules(const plugin::CustomModelLoader& loader) const override {
    plugin::LoadRules rules = CausalLMPlugin::load_rules(loader);
    if (loader.is_gguf()) {
      LlamaPlainConfig config;
      config.load(loader.config());
      rules.row_order = plugin::paired_qk_rows(config.num_attention_heads, config.num_key_value_heads);
    }
    return rules;
  }
};

}  // namespace

/// Called by the factory; named after the folder.
std::unique_ptr<plugin::ModelPluginInterface> make_plugin() { return std::make_unique<LlamaPlainPlugin>(); }

}  // namespace pio::models::llama_plain
