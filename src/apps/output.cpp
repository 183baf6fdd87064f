// SPDX-License-Identifier: Apache-2.0
#include "output.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "pio/base/utf8.h"

namespace pio::apps {

void hold_standard_streams() noexcept {
  // The wrong direction on purpose: reading or writing there goes on failing.
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(stream, F_GETFD) == -1) {
      static_cast<void>(::open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY));
    }
  }
}

OutputError::OutputError(const std::string& reason)
    : Error(ErrorCode::kInternal,
            concat("cannot write to stdout", reason.empty() ? "" : ": ", reason)) {}

bool try_print(std::string_view text) noexcept {
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() &&
         std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
}

void print(std::string_view text) {
  errno = 0;
  if (!try_print(text)) {
    throw OutputError(errno != 0 ? std::strerror(errno) : "");
  }
}

std::string one_line(std::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const auto decoded = utf8::decode(text, at);
    const std::string_view character = text.substr(at, decoded.size);
    const char32_t c = decoded.code_point;
    const bool control =
        !decoded.valid || c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029;
    out += control ? escaped(character) : std::string(character);
    at += decoded.size;
  }
  return out;
}

void print_note(std::string_view kind, std::string_view message) {
  const std::string line = concat(kind, ": ", one_line(message), "\n");
  std::fwrite(line.data(), 1, line.size(), stderr);
}

ProgressBar::ProgressBar(std::string what)
    : what_(std::move(what)),
      is_terminal_(::isatty(STDERR_FILENO) == 1),
      next_line_(std::chrono::steady_clock::now() + kLinePause) {}

ProgressBar::~ProgressBar() {
  if (shown_ >= 0 && is_terminal_) {
    std::fprintf(stderr, "\r\033[K");
  }
}

void ProgressBar::update(int64_t done, int64_t total) {
  const int64_t now = total > 0 ? done * 100 / total : 100;
  const std::lock_guard lock(mutex_);
  if (now <= shown_) {
    return;
  }
  if (is_terminal_) {
    const auto filled = static_cast<size_t>(now * 30 / 100);
    std::fprintf(stderr, "\r%s [%s%s] %3d %%", what_.c_str(), std::string(filled, '#').c_str(),
                 std::string(30 - filled, '.').c_str(), static_cast<int>(now));
  } else if (const auto time = std::chrono::steady_clock::now(); time >= next_line_) {
    std::fprintf(stderr, "%s %d %%\n", what_.c_str(), static_cast<int>(now));
    next_line_ = time + kLinePause;
  }
  shown_ = now;
}

}  // namespace pio::apps
