// SPDX-License-Identifier: Apache-2.0
#include "model.h"
#include "pio/plugin/decoder_plugin.h"
#include "pio/plugin/model_factory.h"

namespace pio::models::llama {
namespace {

class LlamaPlugin final : public plugin::DecoderPlugin<LlamaConfig, LlamaModel> {
  [[nodiscard]] bool has_paired_qk_rows() const override { return true; }
};

}  // namespace

/// Called by the factory; named after the folder.
plugin::PluginClass plugin_class() { return plugin::plugin_class<LlamaPlugin>(); }

}  // namespace pio::models::llama
