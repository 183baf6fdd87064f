// SPDX-License-Identifier: Apache-2.0
// Finds stop texts in a stream of pieces, holding back what may be the beginning of one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pio::generation {

/// Passes text through until a stop text is complete; the stop text and all behind it are swallowed. The
/// result does not depend on how the text is cut into pieces.
class StopMatcher {
 public:
  /// stops: non-empty texts. Errors: kInvalidArgument for an empty one, more than 16, or one over 1 KiB.
  explicit StopMatcher(std::vector<std::string> stops);

  /// Adds a piece. Returns the text that is now safe to show, valid until the next call.
  [[nodiscard]] std::string_view push(std::string_view piece);
  /// The held-back rest at the end of the stream.
  [[nodiscard]] std::string_view finish();
  [[nodiscard]] bool is_stopped() const noexcept { return stopped_; }

 private:
  std::vector<std::string> stops_;
  size_t longest_ = 0;
  bool stopped_ = false;
  std::string held_;
  std::string shown_;
};

}  // namespace pio::generation
