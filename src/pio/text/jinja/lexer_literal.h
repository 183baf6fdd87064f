// SPDX-License-Identifier: Apache-2.0
// String and number literals of template expressions.
#pragma once

#include <cstddef>
#include <string>

#include "pio/text/jinja/lexer.h"

namespace pio::text::jinja {

/// Reads the string literal whose quote is at `begin` into `value`, escapes resolved; gives the
/// offset behind it. Errors: kBadFile.
[[nodiscard]] size_t read_string(const Source& source, size_t begin, std::string& value);

/// Reads the number that begins at `begin` into token's type and value; gives the offset behind it.
/// Errors: kBadFile.
[[nodiscard]] size_t read_number(const Source& source, size_t begin, Token& token);

}  // namespace pio::text::jinja
