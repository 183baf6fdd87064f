// SPDX-License-Identifier: Apache-2.0
// The config.json of a tiny checkpoint that has the form of a large one.
#pragma once

#include "pio/base/json.h"

namespace pio::apps {

/// Bytes, merges and two special tokens: what the tiny checkpoint's tokenizer has.
inline constexpr int64_t kTinyVocab = 272;
inline constexpr int64_t kTinyBos = kTinyVocab - 2;
inline constexpr int64_t kTinyEos = kTinyVocab - 1;

/// `config` with small sizes and a tiny tokenizer's ids. Kept: grouped or plain heads, a head_dim
/// of its own, biases, a tied head, rotary scaling where nn::Decoder has it, a window, and every
/// scalar and list that nothing reads.
[[nodiscard]] json::Object tiny_config(const json::Object& config);

}  // namespace pio::apps
