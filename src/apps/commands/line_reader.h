// SPDX-License-Identifier: Apache-2.0
// Lines from stdin, for a prompt that Ctrl-C can leave.
#pragma once

#include <optional>
#include <string>

namespace pio::apps {

/// Reads stdin line by line. std::getline goes on reading behind a signal; this does not.
class LineReader {
 public:
  /// The next line without its end, or nothing at the end of input. Errors: Interrupted; kInternal
  /// if stdin cannot be read.
  [[nodiscard]] std::optional<std::string> next();

 private:
  std::string pending_;  ///< read, but behind the last line
  bool at_end_ = false;
};

}  // namespace pio::apps
