// SPDX-License-Identifier: Apache-2.0
// The command line as the parser takes it.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace pio::apps {

/// The arguments behind the program's name, last first, as CLI::App::parse wants them. "--name=" of
/// an option with a value becomes "--name" and an empty text: CLI11 2.1 would take the next
/// argument.
[[nodiscard]] std::vector<std::string> parser_arguments(const CLI::App& app, int argc, char** argv);

}  // namespace pio::apps
