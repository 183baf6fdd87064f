// SPDX-License-Identifier: Apache-2.0
#include "input_text.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "interrupt.h"
#include "pio/base/error.h"

namespace pio::apps {
namespace {

constexpr size_t kMaxBytes = size_t{1} << 30;  // /dev/zero has no end

[[noreturn]] void fail_errno(const std::string& path, int reason) {
  fail(reason == ENOENT || reason == ENOTDIR ? ErrorCode::kNotFound : ErrorCode::kBadFile,
       concat(escaped(path, 4096), ": ", std::strerror(reason)));
}

class Descriptor {
 public:
  explicit Descriptor(const std::string& path)
      : fd_(path == "-" ? ::dup(STDIN_FILENO) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (fd_ < 0) {
      fail_errno(path, errno);
    }
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { ::close(fd_); }
  [[nodiscard]] int get() const noexcept { return fd_; }

 private:
  int fd_;
};

std::string read_all(const std::string& path) {
  const Descriptor input(path);
  std::string out;
  std::array<char, 65536> piece{};
  while (true) {
    pollfd wait{.fd = input.get(), .events = POLLIN, .revents = 0};
    // poll, unlike read, returns at Ctrl-C.
    if (::poll(&wait, 1, -1) < 0 && errno != EINTR) {
      fail_errno(path, errno);
    }
    throw_if_interrupted();
    if (wait.revents == 0) {
      continue;
    }
    const ssize_t got = ::read(input.get(), piece.data(), piece.size());
    if (got < 0 && errno != EINTR) {
      fail_errno(path, errno);
    }
    if (got == 0) {
      return out;
    }
    out.append(piece.data(), got > 0 ? static_cast<size_t>(got) : 0);
    if (out.size() > kMaxBytes) {
      fail(ErrorCode::kBadFile, concat(escaped(path, 4096), ": goes on beyond 1 GiB"));
    }
  }
}

}  // namespace

InputText::InputText(const std::string& path) {
  std::error_code ignored;
  if (path != "-" && std::filesystem::is_regular_file(path, ignored)) {
    file_.emplace(path);
  } else {
    text_ = read_all(path);
  }
}

std::string_view InputText::view() const noexcept {
  return file_ ? file_->text() : std::string_view(text_);
}

json::Value read_json(const std::string& path) {
  const InputText input(path);
  return json::parse_value(input.view(), path);
}

}  // namespace pio::apps
