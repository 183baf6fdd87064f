// SPDX-License-Identifier: Apache-2.0
// The one way from a checkpoint on disk to a generative model that is ready to run.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "pio/plugin/model_factory.h"

namespace pio::plugin {

/// The checkpoint at `path` as a model that answers requests, its files opened once; nothing is loaded
/// of one that does not. name: the architecture, or "" for the one that the checkpoint names. Errors:
/// as opening and loading; kNotFound for an unknown name; kUnsupported if no architecture opens the
/// checkpoint, or it is not generative.
[[nodiscard]] std::shared_ptr<ModelPluginInterface> load_generative(
    const ModelFactory& factory, const std::string& name, const std::filesystem::path& path,
    LoadOptions options);

/// The same for what needs logits or the batched engine. Errors: also kUnsupported for a plugin that
/// only writes its own loop.
[[nodiscard]] std::shared_ptr<CausalLMPlugin> load_causal(const ModelFactory& factory,
                                                          const std::string& name,
                                                          const std::filesystem::path& path,
                                                          LoadOptions options);

/// `plugin` as a language model that is loaded; null for any other, one whose loop needs no model among them.
[[nodiscard]] CausalLMPlugin* loaded_causal(ModelPluginInterface& plugin) noexcept;

}  // namespace pio::plugin
