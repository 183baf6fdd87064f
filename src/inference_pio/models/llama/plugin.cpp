// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "model.h"
#include "pio/plugin/model_factory.h"

namespace pio::models::llama {
namespace {

// GGUF stores the rows of q and k so that rotated pairs are neighbours: file row (h, i, j) is row (h, j, i).
std::vector<int32_t> paired_rows(int64_t rows, int64_t heads) {
  const int64_t head_dim = rows / heads;
  std::vector<int32_t> order(static_cast<size_t>(rows));
  for (int64_t row = 0; row < rows; ++row) {
    const int64_t in_head = row % head_dim;
    const int64_t half = head_dim / 2;
    const int64_t from = row - in_head + in_head % half * 2 + in_head / half;
    order[static_cast<size_t>(row)] = static_cast<int32_t>(from);
  }
  return order;
}

class LlamaPlugin final : public plugin::CausalLMPlugin {
 protected:
  std::unique_ptr<plugin::BaseConfig> make_config() const override {
    return std::make_unique<LlamaConfig>();
  }
  std::unique_ptr<nn::Model> make_model(const plugin::BaseConfig& config) const override {
    return std::make_unique<LlamaModel>(dynamic_cast<const LlamaConfig&>(config));
  }
  plugin::LoadRules load_rules(const plugin::CustomModelLoader& loader) const override {
    plugin::LoadRules rules = CausalLMPlugin::load_rules(loader);
    if (loader.is_gguf()) {
      LlamaConfig config;
      config.load(loader.config());
      const nn::DecoderSpec spec = config.spec();
      rules.row_order = [spec](const std::string& name, int64_t rows) {
        const bool q = name.find(".q_proj.") != std::string::npos;
        const bool k = name.find(".k_proj.") != std::string::npos;
        return q   ? paired_rows(rows, spec.heads)
               : k ? paired_rows(rows, spec.kv_heads)
                   : std::vector<int32_t>{};
      };
    }
    return rules;
  }
};

}  // namespace

/// Called by the factory; named after the folder.
std::unique_ptr<plugin::ModelPluginInterface> make_plugin() { return std::make_unique<LlamaPlugin>(); }

}  // namespace pio::models::llama
