// SPDX-License-Identifier: Apache-2.0
// answer MODEL PROMPT [MAX_TOKENS]: loads a checkpoint and answers one prompt, with InferencePIO as
// a library.
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string_view>
#include <vector>

#include "pio/plugin/chat_variables.h"
#include "pio/plugin/load_causal.h"

namespace {

using pio::json::Array;
using pio::json::Object;

// The prompt as the model was trained on it: through its chat template, where it has one.
std::vector<int32_t> encode(const pio::plugin::TextParts& text, std::string_view prompt) {
  if (text.chat_template == nullptr) {
    return text.tokenizer->encode(prompt);
  }
  const Array messages = {Object{{"role", "user"}, {"content", prompt}}};
  const auto variables = pio::plugin::template_variables(text.special_tokens, messages);
  return text.tokenizer->encode(text.chat_template->render(variables),
                                {.add_special = false, .parse_special = true});
}

void answer(const char* path, std::string_view prompt, int64_t max_tokens) {
  // "": the architecture is the one that the checkpoint names.
  const auto model = pio::plugin::load_causal(pio::plugin::model_factory(), "", path, {});
  if (model->text().tokenizer == nullptr) {
    throw std::runtime_error("the checkpoint has no tokenizer");
  }
  pio::generation::Request request;
  request.ids = encode(model->text(), prompt);
  request.sampling = model->text().sampling;
  request.max_tokens = max_tokens;
  request.on_text = [](std::string_view piece) {
    std::cout << piece << std::flush;
    return true;  // false would end the answer here
  };
  const auto result = model->infer(std::move(request));
  std::cout << '\n';
  if (result.finish_reason == pio::generation::FinishReason::kError) {
    throw std::runtime_error(result.error);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3 || argc > 4) {
    std::cerr << "usage: answer MODEL PROMPT [MAX_TOKENS]\n";
    return 2;
  }
  try {
    answer(argv[1], argv[2], argc == 4 ? std::atoll(argv[3]) : 64);
  } catch (const std::exception& error) {
    std::cerr << "error: " << error.what() << '\n';
    return 1;
  }
}
