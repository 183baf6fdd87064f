// SPDX-License-Identifier: Apache-2.0
// The byte alphabet of byte-level BPE: one printable character per byte, first used by GPT-2.
#pragma once

#include <string>
#include <string_view>

namespace pio::text {

/// Appends the character of each byte of `bytes`.
void append_byte_characters(std::string& out, std::string_view bytes);

/// Appends the bytes whose characters `text` spells; false, and nothing appended, if it holds any
/// other character.
[[nodiscard]] bool try_append_bytes(std::string& out, std::string_view text);

}  // namespace pio::text
