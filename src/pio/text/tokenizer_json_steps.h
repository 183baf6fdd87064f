// SPDX-License-Identifier: Apache-2.0
// Normalizers and pre-tokenizers as tokenizer.json describes them.
#pragma once

#include <memory>

#include "pio/text/json_node.h"
#include "pio/text/pre_tokenizer.h"

namespace pio::text {

/// Whether the normalizer is NFC; null and empty sequences are none. Errors: kUnsupported for any
/// other.
[[nodiscard]] bool normalizes_to_nfc(const JsonNode& normalizer);

/// The pre-tokenizer of a byte-level model: it holds exactly one ByteLevel.
/// Errors: kUnsupported naming what is not known, kBadFile for broken members.
[[nodiscard]] std::unique_ptr<const PreTokenizer> make_pre_tokenizer(const JsonNode& node);

}  // namespace pio::text
