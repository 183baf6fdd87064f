// SPDX-License-Identifier: Apache-2.0
// A number as a literal of C++ and Python.
#pragma once

#include <string>

namespace pio::apps {

/// The shortest decimals that give `value`, with a point or an exponent. One that is a 32-bit
/// number is taken as such: a GGUF's 1e-5 is written like that.
[[nodiscard]] std::string shortest_real(double value);

}  // namespace pio::apps
