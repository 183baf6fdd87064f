// SPDX-License-Identifier: Apache-2.0
// A configuration's fields as Python.
#pragma once

#include <string>

#include "apps/scaffold/config_fields.h"

namespace pio::apps {

/// The dataclass fields, one a line: those that the model reads, with DecoderConfig's defaults
/// where `fields` has none, then those that are not used yet. name: model_name's default.
[[nodiscard]] std::string python_fields(const ConfigFields& fields, const std::string& name);

/// What to import from dataclasses for them: "dataclass" or "dataclass, field".
[[nodiscard]] std::string python_imports(const ConfigFields& fields);

}  // namespace pio::apps
