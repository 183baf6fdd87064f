// SPDX-License-Identifier: Apache-2.0
// The config that a new model folder is made from.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "pio/base/json.h"

namespace pio::apps {

/// A config.json's content, and which checkpoints have such a one.
struct SourceConfig {
  json::Object config;  ///< under config.json's names, whatever file it comes from
  std::string origin;   ///< what it is, for comments: "config.json of Tiny", "the Llama family"
  std::vector<std::string> model_types, architectures, gguf_architectures;  ///< for the manifest
  /// Whether GGUF files of this kind store the rows of q and k as Llama's do.
  bool has_paired_qk_rows = false;
};

/// The config of a folder with a config.json, of a config.json by whatever name, or of a .gguf
/// file. Errors: those of reading it.
[[nodiscard]] SourceConfig read_source(const std::filesystem::path& path);

/// The Llama family's usual one, which claims no checkpoint.
[[nodiscard]] SourceConfig default_source();

}  // namespace pio::apps
