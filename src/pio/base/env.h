// SPDX-License-Identifier: Apache-2.0
// Environment variables with their values checked. Every call reads the environment.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace pio {

/// The value of environment variable `name`, or nothing if unset or empty.
[[nodiscard]] std::optional<std::string> env_string(const char* name);

/// As a whole number in [min, max]. Errors: kInvalidArgument naming the variable and its value.
[[nodiscard]] std::optional<int64_t> env_int(const char* name, int64_t min, int64_t max);

/// As a flag: 0 or 1. Errors: kInvalidArgument naming the variable and its value.
[[nodiscard]] std::optional<bool> env_flag(const char* name);

}  // namespace pio
