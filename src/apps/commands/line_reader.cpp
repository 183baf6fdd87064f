// SPDX-License-Identifier: Apache-2.0
#include "line_reader.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "../interrupt.h"
#include "pio/base/error.h"

namespace pio::apps {
namespace {

// Waits for input; looks up now and then, for a Ctrl-C that came just before or went to another
// thread.
void wait_for_input() {
  constexpr int kPauseMs = 200;
  pollfd wanted{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
  int ready = 0;
  while (ready == 0) {
    throw_if_interrupted();
    ready = ::poll(&wanted, 1, kPauseMs);
  }
}

}  // namespace

std::optional<std::string> LineReader::next() {
  for (;;) {
    const size_t end = pending_.find('\n');
    if (end != std::string::npos || (at_end_ && !pending_.empty())) {
      std::string line = pending_.substr(0, end);
      pending_.erase(0, end == std::string::npos ? end : end + 1);
      return line;
    }
    if (at_end_) {
      return std::nullopt;
    }
    wait_for_input();
    throw_if_interrupted();
    std::array<char, 4096> buffer{};
    const ssize_t size = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (size > 0) {
      pending_.append(buffer.data(), static_cast<size_t>(size));
    } else if (size == 0) {
      at_end_ = true;
    } else if (errno != EINTR) {
      fail(ErrorCode::kInternal, concat("cannot read stdin: ", std::strerror(errno)));
    }
  }
}

}  // namespace pio::apps
