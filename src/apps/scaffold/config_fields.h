// SPDX-License-Identifier: Apache-2.0
// The keys of a config.json as fields of a configuration class.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pio/base/json.h"

namespace pio::apps {

enum class FieldKind : uint8_t { kInt, kOptionalInt, kReal, kBool, kText, kList, kObject };

/// A field that the engine's configuration classes have.
struct KnownField {
  std::string_view name;
  FieldKind kind;
  bool is_rare = false;  ///< a Python config has it only where its source does
};
/// Those of plugin::DecoderConfig beside plugin::BaseConfig's, in its order; then rope_theta.
[[nodiscard]] std::span<const KnownField> decoder_fields();

/// A field and its default.
struct ConfigField {
  std::string name;
  FieldKind kind;
  json::Value value;
};

/// What a config declares, by who uses it.
struct ConfigFields {
  std::vector<ConfigField> base;  ///< of plugin::BaseConfig, those that the config has
  std::vector<ConfigField>
      decoder;  ///< of plugin::DecoderConfig, those that the config has, and rope_theta
  std::vector<ConfigField> rope;    ///< rope_scaling or rope_parameters, an object
  std::vector<ConfigField> unused;  ///< scalars and lists that nothing reads yet
  std::vector<std::string>
      left_out;            ///< keys that cannot be fields: objects, nested lists, no identifiers
  std::string activation;  ///< hidden_act as JSON, where it is not the "silu" that the decoder has
};

/// Sorts the keys of `config`; a known one whose value is of another type than it should be is left
/// out.
[[nodiscard]] ConfigFields config_fields(const json::Object& config);

}  // namespace pio::apps
