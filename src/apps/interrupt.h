// SPDX-License-Identifier: Apache-2.0
// Ctrl-C: the first one is noted, and whoever computes looks for it; a second ends the program at
// once.
#pragma once

#include <exception>

namespace pio::apps {

/// Begins to note Ctrl-C and forgets one that was noted.
void arm_interrupt() noexcept;

/// Whether Ctrl-C was pressed since arm_interrupt().
[[nodiscard]] bool is_interrupted() noexcept;

/// Ends a command that Ctrl-C stopped: exit code 130 and no message.
class Interrupted : public std::exception {};

/// Errors: Interrupted if Ctrl-C was pressed.
void throw_if_interrupted();

}  // namespace pio::apps
