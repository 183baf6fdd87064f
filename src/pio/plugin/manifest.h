// SPDX-License-Identifier: Apache-2.0
// plugin_manifest.json: who an architecture is and what it opens.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "pio/formats/open.h"

namespace pio::plugin {

/// The guide's four keys, and what discovery may add to them.
struct Manifest {
  std::string name;
  std::string version;
  std::string type;
  std::string description;
  std::string language;                     ///< "cpp" or "python"
  std::string entry_point;                  ///< Python: the plugin's class; empty: the only one there is
  std::string min_pio;                      ///< least version of the engine, "1.2.3"; empty: any
  std::vector<std::string> model_types;     ///< config.json's model_type
  std::vector<std::string> architectures;   ///< config.json's architectures
  std::vector<std::string> gguf_architectures;  ///< general.architecture
  std::string path;                         ///< the folder, or "built in"
};

/// Parses manifest text; source names the file in messages. Errors: kBadFile: broken JSON, a missing key, a
/// value of the wrong type, an unknown key, a type other than "model", an unknown language; kUnsupported for a min_pio above this
/// engine's version.
[[nodiscard]] Manifest parse_manifest(std::string_view text, std::string_view source);

/// Whether `name` can name a model folder: [a-z][a-z0-9_]*.
[[nodiscard]] bool is_model_name(std::string_view name) noexcept;

/// Whether the manifest names this checkpoint's model_type, general.architecture, or one of its `architectures`.
[[nodiscard]] bool opens(const Manifest& manifest, const formats::Checkpoint& checkpoint);

}  // namespace pio::plugin
