// SPDX-License-Identifier: Apache-2.0
// The text side of a checkpoint: tokenizer, chat template, the tokens that end an answer, sampling defaults.
#pragma once

#include <memory>
#include <unordered_set>

#include "pio/formats/open.h"
#include "pio/generation/sampling/sampling_params.h"
#include "pio/text/chat_template.h"
#include "pio/text/tokenizer.h"

namespace pio::plugin {

/// What a checkpoint says about text. Parts that its files lack are null or empty.
struct TextParts {
  std::shared_ptr<const text::Tokenizer> tokenizer;
  std::shared_ptr<const text::ChatTemplate> chat_template;
  std::unordered_set<int32_t> eos;
  json::Object special_tokens;  ///< for templates: {"bos_token": "<s>", ...}
  /// generation_config.json's as transformers reads it, else greedy.
  generation::SamplingParams sampling;
};

/// vocab: rows of the model's embedding. Errors: kBadFile for broken files, a vocabulary larger than the
/// model's, or bos, eos or pad ids outside it (-1 is none), naming key and value; kUnsupported naming a tokenizer component without an implementation.
[[nodiscard]] TextParts load_text(const formats::Checkpoint& checkpoint, int64_t vocab);

/// The tokenizer alone, or null if the checkpoint has none.
[[nodiscard]] std::shared_ptr<const text::Tokenizer> load_tokenizer(const formats::Checkpoint& checkpoint);
/// The chat template alone, or null if the checkpoint has none.
[[nodiscard]] std::shared_ptr<const text::ChatTemplate> load_chat_template(
    const formats::Checkpoint& checkpoint);

/// The texts of the special tokens by role, as transformers' special_tokens_map: every text `..._token` of
/// tokenizer_config.json, or the tokens that the keys of a GGUF name. Errors: kBadFile for an id outside its tokens.
[[nodiscard]] json::Object load_special_tokens(const formats::Checkpoint& checkpoint);

}  // namespace pio::plugin
