// SPDX-License-Identifier: Apache-2.0
#include "pio/text/chat_template.h"

#include <algorithm>

#include "pio/text/jinja/interpreter.h"
#include "pio/text/jinja/parser.h"

namespace pio::text {

ChatTemplate::ChatTemplate(std::string_view text, std::string_view source)
    : template_(std::make_shared<const jinja::Template>(jinja::parse(text, source))) {}

std::string ChatTemplate::render(const json::Object& variables,
                                 const RenderOptions& options) const {
  constexpr std::string_view kPrompt = "add_generation_prompt";
  jinja::Runtime runtime;
  runtime.now = options.now;
  jinja::Interpreter interpreter(*template_, runtime);
  const bool given =
      std::ranges::find(variables, kPrompt, &json::Object::value_type::first) != variables.end();
  if (given) {
    return interpreter.run(variables);
  }
  json::Object all = variables;
  all.emplace_back(std::string(kPrompt), options.add_generation_prompt);
  return interpreter.run(all);
}

}  // namespace pio::text
