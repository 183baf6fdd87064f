// SPDX-License-Identifier: Apache-2.0
// Texts that options name: regular files, pipes, standard input.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "pio/base/json.h"
#include "pio/base/mmap_file.h"

namespace pio::apps {

/// The bytes behind `path`: a regular file is mapped, all else (a pipe, /dev/stdin, "-" for
/// standard input) is read to its end.
class InputText {
 public:
  /// Errors: kNotFound, kBadFile (a folder, unreadable, more than 1 GiB from a pipe);
  /// Interrupted.
  explicit InputText(const std::string& path);
  InputText(const InputText&) = delete;
  InputText& operator=(const InputText&) = delete;

  [[nodiscard]] std::string_view view() const noexcept;

 private:
  std::optional<MmapFile> file_;
  std::string text_;
};

/// The JSON document behind `path`. Errors: as InputText; kBadFile naming `path` and byte.
[[nodiscard]] json::Value read_json(const std::string& path);

}  // namespace pio::apps
