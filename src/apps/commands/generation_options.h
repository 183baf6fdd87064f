// SPDX-License-Identifier: Apache-2.0
// Sampling options of run and chat, and the prompt they make.
#pragma once

#include <optional>

#include "../command.h"
#include "pio/plugin/model_plugin.h"

namespace pio::apps {

/// Options unset here keep the checkpoint's generation_config.json.
struct GenerationOptions {
  std::optional<double> temperature, top_p, min_p, repetition_penalty, frequency_penalty, presence_penalty;
  std::optional<int64_t> top_k;
  std::optional<uint64_t> seed;
  int64_t max_tokens = -1;
  std::vector<std::string> stop;
  bool ignore_eos = false;

  void add_to(Options& options);
  /// What can be known before the model is loaded. Errors: UsageError.
  void check() const;
  /// A request with these settings over a model's defaults. A seed that was not given is drawn.
  [[nodiscard]] generation::Request request(const generation::SamplingParams& defaults) const;
};

/// Puts a conversation into `request`: rendered by `chat_template` as the prompt, in ids, and as it is. The model must
/// have a tokenizer.
void set_conversation(generation::Request& request, const plugin::CausalLMPlugin& model,
                      const text::ChatTemplate& chat_template, json::Array messages);

/// {"role": role, "content": content}.
[[nodiscard]] json::Value message(const std::string& role, const std::string& content);

/// The tokenizer. Errors: ModelError with the remedy if the checkpoint has none.
[[nodiscard]] const text::Tokenizer& tokenizer_of(const plugin::CausalLMPlugin& model,
                                                  const std::string& remedy);

}  // namespace pio::apps
