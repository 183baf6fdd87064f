// SPDX-License-Identifier: Apache-2.0
#include "pio/base/env.h"

#include <charconv>
#include <cstdlib>

#include "pio/base/error.h"

namespace pio {

std::optional<std::string> env_string(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') {
    return std::nullopt;
  }
  return std::string(value);
}

std::optional<int64_t> env_int(const char* name, int64_t min, int64_t max) {
  const auto text = env_string(name);
  if (!text) {
    return std::nullopt;
  }
  int64_t value = 0;
  const char* end = text->data() + text->size();
  const auto result = std::from_chars(text->data(), end, value);
  PIO_CHECK(result.ec == std::errc() && result.ptr == end && value >= min && value <= max, name,
            "=\"", escaped(*text), "\": expected a whole number from ", min, " to ", max);
  return value;
}

std::optional<bool> env_flag(const char* name) {
  const auto value = env_int(name, 0, 1);
  return value ? std::optional(*value == 1) : std::nullopt;
}

}  // namespace pio
