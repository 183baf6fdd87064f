// SPDX-License-Identifier: Apache-2.0
// Tokens to tree: jinja2's grammar with loop controls and the generation block.
#pragma once

#include <string_view>

#include "pio/text/jinja/ast.h"

namespace pio::text::jinja {

inline constexpr uint16_t kMaxTreeDepth = 400;  ///< operators in a row that nest the tree

/// Parses a template. Errors: kBadFile with "source:line:column".
[[nodiscard]] Template parse(std::string_view text, std::string_view source);

}  // namespace pio::text::jinja
