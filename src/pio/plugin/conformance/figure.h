// SPDX-License-Identifier: Apache-2.0
// Measured numbers in the lines that people read.
#pragma once

#include <cstdio>
#include <string>

namespace pio::plugin::conformance {

/// `value` in three significant digits: a difference has no more that mean anything.
[[nodiscard]] inline std::string figure(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", value);
  return text;
}

}  // namespace pio::plugin::conformance
