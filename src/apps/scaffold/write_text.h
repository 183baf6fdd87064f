// SPDX-License-Identifier: Apache-2.0
// A text file that appears when it is whole.
#pragma once

#include <filesystem>
#include <span>
#include <string_view>

#include "pio/formats/atomic_file.h"

namespace pio::apps {

/// Writes `text` to `path`. Errors: those of formats::AtomicFile.
inline void write_text(const std::filesystem::path& path, std::string_view text) {
  formats::AtomicFile file(path);
  file.write(std::as_bytes(std::span(text)));
  file.commit();
}

}  // namespace pio::apps
