// SPDX-License-Identifier: Apache-2.0
// Chat templates: a conversation to the text a model was trained on. Renders what transformers'
// apply_chat_template renders, byte for byte.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "pio/base/json.h"

namespace pio::text {

namespace jinja {
struct Template;
}

/// How to render.
struct RenderOptions {
  /// The clock of strftime_now: local time, given as if it were UTC. None: the machine's local
  /// time.
  std::optional<std::chrono::system_clock::time_point> now = std::nullopt;
};

/// A parsed chat template; immutable, thread safe for const use.
class ChatTemplate {
 public:
  /// text: the Jinja source. source: names the origin in messages.
  /// Errors: kBadFile with source:line:column.
  ChatTemplate(std::string_view text, std::string_view source);

  /// The template's output. variables: messages, tools, documents, add_generation_prompt, bos_token,
  /// eos_token and any extras (enable_thinking ...), exactly as JSON; nothing is added. Errors: kInvalidArgument with the text of raise_exception alone, or with source:line
  /// for other run-time errors and for what a rendering may not exceed (jinja/budget.h).
  [[nodiscard]] std::string render(const json::Object& variables,
                                   const RenderOptions& options = {}) const;

 private:
  std::shared_ptr<const jinja::Template> template_;
};

}  // namespace pio::text
