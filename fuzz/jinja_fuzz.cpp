// SPDX-License-Identifier: Apache-2.0
// Chat templates from arbitrary bytes, rendered with one conversation: text or an Error.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "pio/base/error.h"
#include "pio/base/json.h"
#include "pio/text/chat_template.h"

namespace {

pio::json::Object conversation() {
  using pio::json::Array;
  using pio::json::Object;
  const Object call = {{"id", "abcdefghi"},
                       {"type", "function"},
                       {"function", Object{{"name", "get"}, {"arguments", Object{{"n", 1}}}}}};
  const Object tool = {
      {"type", "function"},
      {"function", Object{{"name", "get"}, {"parameters", Object{{"type", "object"}}}}}};
  return {{"messages",
           Array{Object{{"role", "system"}, {"content", "Be \u00e9xact."}},
                 Object{{"role", "user"}, {"content", "a,b <i> 'c'\n d"}},
                 Object{{"role", "assistant"}, {"content", nullptr}, {"tool_calls", Array{call}}},
                 Object{{"role", "tool"}, {"content", "1.5"}}}},
          {"tools", Array{tool}},
          {"bos_token", "<s>"},
          {"eos_token", "</s>"},
          {"l", Array{3, 1.5, "x", true, nullptr}},
          {"d", Object{{"b", 1}, {"a", Array{}}}},
          {"s", "text"}};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const pio::json::Object kVariables = conversation();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const pio::text::ChatTemplate parsed(text, "fuzz");
    static_cast<void>(parsed.render(kVariables, {.now = std::chrono::system_clock::time_point{}}));
  } catch (const pio::Error&) {  // the wanted way to fail
  }
  return 0;
}
