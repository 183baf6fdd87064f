// SPDX-License-Identifier: Apache-2.0
// A configuration's fields as C++.
#pragma once

#include <string>

#include "apps/scaffold/config_fields.h"

namespace pio::apps {

/// Assignments of the defaults of DecoderConfig's fields, one a line, for the body of a
/// constructor.
[[nodiscard]] std::string cpp_defaults(const ConfigFields& fields);
/// Declarations of the fields that are not used yet, one a line.
[[nodiscard]] std::string cpp_members(const ConfigFields& fields);
/// Their visits, one a line, for the body of fields().
[[nodiscard]] std::string cpp_visits(const ConfigFields& fields);

}  // namespace pio::apps
