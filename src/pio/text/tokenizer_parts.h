// SPDX-License-Identifier: Apache-2.0
// The stages of a tokenizer, which its loaders fill: tokenizer_gguf.cpp and tokenizer_json.cpp.
#pragma once

#include <memory>
#include <vector>

#include "pio/text/added_tokens.h"
#include "pio/text/pre_tokenizer.h"
#include "pio/text/token_model.h"
#include "pio/text/tokenizer.h"

namespace pio::text {

/// In the order in which encode() uses them.
struct Tokenizer::Parts {
  std::shared_ptr<const Vocabulary> vocabulary;
  std::vector<int32_t> prefix;         ///< what add_special puts in front
  std::vector<int32_t> suffix;         ///< and behind
  AddedTokenMatcher added;             ///< looked for in the text as it comes
  bool nfc = false;                    ///< the normalizer
  AddedTokenMatcher added_normalized;  ///< looked for in the normalized text
  std::unique_ptr<const PreTokenizer> pre_tokenizer;
  std::unique_ptr<const TokenModel> model;
  SpecialIds special_ids;
};

}  // namespace pio::text
