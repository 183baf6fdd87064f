// SPDX-License-Identifier: Apache-2.0
// Unicode normalization form C, as Hugging Face `tokenizers` performs it.
#pragma once

#include <string>
#include <string_view>

namespace pio::text {

/// `text` (valid UTF-8) in normalization form C. Time O(n log n) also for endless combining marks.
[[nodiscard]] std::string nfc(std::string_view text);

}  // namespace pio::text
