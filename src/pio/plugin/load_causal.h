// SPDX-License-Identifier: Apache-2.0
// The one way from a checkpoint on disk to a generative model that is ready to run.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "pio/plugin/model_factory.h"

namespace pio::plugin {

/// The checkpoint at `path` as a causal model, its files opened once. name: the architecture, or ""
/// for the one that the checkpoint names. Errors: as opening and loading; kNotFound for an unknown
/// name; kUnsupported if no architecture opens the checkpoint, or it is not generative.
[[nodiscard]] std::unique_ptr<CausalLMPlugin> load_causal(const ModelFactory& factory,
                                                          const std::string& name,
                                                          const std::filesystem::path& path,
                                                          LoadOptions options);

}  // namespace pio::plugin
