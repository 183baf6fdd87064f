// SPDX-License-Identifier: Apache-2.0
// What the program writes: answers to stdout, errors and progress to stderr.
#pragma once

#include <chrono>
#include <mutex>
#include <string>
#include <string_view>

#include "pio/base/error.h"

namespace pio::apps {

/// Keeps the numbers of the standard streams from files that are opened later, where the caller
/// closed them.
void hold_standard_streams() noexcept;

/// stdout did not take what was written.
class OutputError : public Error {
 public:
  explicit OutputError(const std::string& reason);
};

/// Writes all of `text` to stdout. Errors: OutputError, also when an earlier write failed.
void print(std::string_view text);
/// The same, false instead of the error.
[[nodiscard]] bool try_print(std::string_view text) noexcept;

/// Text with control characters escaped (\n, \x1b) and all else as it is.
[[nodiscard]] std::string one_line(std::string_view text);
/// Writes "kind: message" to stderr, in one line.
void print_note(std::string_view kind, std::string_view message);

/// Shows how far loading is, on stderr: a bar on a terminal, else a line per second, so that what
/// loads at once leaves nothing there but its error. Workers may call update() at the same time.
class ProgressBar {
 public:
  explicit ProgressBar(std::string what);
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  /// Takes the bar off the terminal.
  ~ProgressBar();
  void update(int64_t done, int64_t total);

 private:
  static constexpr std::chrono::seconds kLinePause{1};
  std::string what_;
  bool is_terminal_;
  std::chrono::steady_clock::time_point next_line_;
  std::mutex mutex_;
  int64_t shown_ = -1;
};

}  // namespace pio::apps
