// SPDX-License-Identifier: Apache-2.0
#include "arguments.h"

#include <algorithm>
#include <string_view>

namespace pio::apps {

std::vector<std::string> parser_arguments(const CLI::App& app, int argc, char** argv) {
  std::vector<std::string> out;
  const CLI::App* command = nullptr;
  bool is_option = true;  // until "--"
  for (int i = 1; i < argc; ++i) {
    const std::string_view text = argv[i];
    is_option = is_option && text != "--";
    const auto named = app.get_subcommands(
        [&](const CLI::App* one) { return command == nullptr && one->get_name() == text; });
    command = named.empty() ? command : named.front();
    if (is_option && command != nullptr && text.starts_with("--") && text.ends_with('=')) {
      const std::string name(text.substr(0, text.size() - 1));
      const CLI::Option* option = command->get_option_no_throw(name);
      if (option != nullptr && option->get_items_expected_max() > 0) {
        out.push_back(name);
        out.emplace_back();
        continue;
      }
    }
    out.emplace_back(text);
  }
  std::ranges::reverse(out);
  return out;
}

}  // namespace pio::apps
