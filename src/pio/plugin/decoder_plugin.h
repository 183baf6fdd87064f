// SPDX-License-Identifier: Apache-2.0
// A plugin from a config and a model over nn::Decoder: what an architecture of the Llama family
// writes least of.
#pragma once

#include <concepts>

#include "pio/nn/decoder.h"
#include "pio/plugin/decoder_config.h"
#include "pio/plugin/model_plugin.h"

namespace pio::plugin {

/// A causal language model whose configuration is a Config and whose model is made from it.
template <std::derived_from<DecoderConfig> Config, std::derived_from<nn::Model> Model>
class DecoderPlugin : public CausalLMPlugin {
 protected:
  [[nodiscard]] std::unique_ptr<BaseConfig> make_config() const override {
    return std::make_unique<Config>();
  }
  [[nodiscard]] std::shared_ptr<nn::Module> make_model(const BaseConfig& config) const override {
    return std::make_unique<Model>(dynamic_cast<const Config&>(config));
  }
  [[nodiscard]] LoadRules load_rules(const CustomModelLoader& loader,
                                     const BaseConfig& config) const override {
    LoadRules rules = CausalLMPlugin::load_rules(loader, config);
    if (loader.is_gguf() && has_paired_qk_rows()) {
      const nn::DecoderSpec spec = dynamic_cast<const Config&>(config).spec();
      rules.row_order = paired_qk_rows(spec.heads, spec.kv_heads);
    }
    return rules;
  }
  /// Whether GGUF files of this architecture store the rows of q and k as Llama's do
  /// (paired_qk_rows).
  [[nodiscard]] virtual bool has_paired_qk_rows() const { return false; }
};

}  // namespace pio::plugin
