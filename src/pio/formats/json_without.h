// SPDX-License-Identifier: Apache-2.0
// JSON text without one bulky top-level member, so that the rest fits the DOM's limit.
#pragma once

#include <string>
#include <string_view>

namespace pio::formats {

/// `text` re-written without member `key` of the outermost object. `source` names the file in
/// messages. Errors: as json::parse.
[[nodiscard]] std::string json_without(std::string_view text, std::string_view key,
                                       std::string_view source);

}  // namespace pio::formats
