// SPDX-License-Identifier: Apache-2.0
#include "pio/plugin/chat_variables.h"

#include <algorithm>

#include "pio/base/error.h"

namespace pio::plugin {
namespace {

constexpr std::string_view kReasoning = "reasoning_content";
constexpr std::string_view kThinking = "thinking";

bool has(const json::Object& members, std::string_view key) {
  return std::ranges::find(members, key, &json::Object::value_type::first) != members.end();
}

json::Value normalized(const json::Value& message, size_t index) {
  PIO_CHECK(message.is_object(), "message ", index, " is of type ", message.kind(),
            ", an object was wanted");
  json::Object out;
  for (const auto& [key, value] : message.as_object()) {
    if (!value.is_null()) {
      out.emplace_back(key, value);
    }
  }
  for (const std::string_view name : {kReasoning, kThinking, std::string_view("reasoning")}) {
    const json::Value* found = message.find(name);
    if (found == nullptr || found->is_null()) {
      continue;
    }
    if (!has(out, kThinking)) {
      out.emplace(out.begin(), kThinking, *found);
    }
    if (!has(out, kReasoning)) {
      out.emplace_back(kReasoning, *found);
    }
    break;
  }
  return out;
}

}  // namespace

json::Object template_variables(const json::Object& special_tokens, const json::Array& messages,
                                const json::Value& tools, bool add_generation_prompt) {
  json::Array all;
  for (const json::Value& message : messages) {
    all.push_back(normalized(message, all.size()));
  }
  json::Object out = special_tokens;
  out.emplace_back("messages", std::move(all));
  out.emplace_back("tools", tools);
  out.emplace_back("documents", nullptr);
  out.emplace_back("add_generation_prompt", add_generation_prompt);
  return out;
}

}  // namespace pio::plugin
