// SPDX-License-Identifier: Apache-2.0
#include "model.h"
#include "pio/plugin/decoder_plugin.h"
#include "pio/plugin/model_factory.h"

namespace pio::models::qwen3 {

/// Called by the factory; named after the folder.
plugin::PluginClass plugin_class() {
  return plugin::plugin_class<plugin::DecoderPlugin<Qwen3Config, Qwen3Model>>();
}

}  // namespace pio::models::qwen3
