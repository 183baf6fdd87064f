// SPDX-License-Identifier: Apache-2.0
// What a chat template sees when a conversation is rendered.
#pragma once

#include "pio/base/json.h"

namespace pio::plugin {

/// The variables that transformers' apply_chat_template passes (5.23): messages, tools and
/// documents (null where there are none, so defined), add_generation_prompt, and the special tokens
/// by role. As there, members of a message that are null are left out, and `reasoning_content` and
/// `thinking` stand for one another and for `reasoning`. special_tokens: TextParts::special_tokens;
/// tools: a list, or null. Errors: kInvalidArgument naming the index of a message that is no
/// object.
[[nodiscard]] json::Object template_variables(const json::Object& special_tokens,
                                              const json::Array& messages,
                                              const json::Value& tools = nullptr,
                                              bool add_generation_prompt = true);

}  // namespace pio::plugin
