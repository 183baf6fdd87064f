// SPDX-License-Identifier: Apache-2.0
#include "pio/text/chat_template.h"

#include "pio/text/jinja/interpreter.h"
#include "pio/text/jinja/parser.h"

namespace pio::text {

ChatTemplate::ChatTemplate(std::string_view text, std::string_view source)
    : template_(std::make_shared<const jinja::Template>(jinja::parse(text, source))) {}

std::string ChatTemplate::render(const json::Object& variables,
                                 const RenderOptions& options) const {
  jinja::Runtime runtime;
  runtime.now = options.now;
  return jinja::Interpreter(*template_, runtime).run(variables);
}

}  // namespace pio::text
