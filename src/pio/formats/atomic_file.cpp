// SPDX-License-Identifier: Apache-2.0
#include "pio/formats/atomic_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "pio/base/error.h"

namespace pio::formats {

AtomicFile::AtomicFile(const std::filesystem::path& path) : path_(path.string()) {
  std::error_code ignored;
  const auto status = std::filesystem::status(path, ignored);
  // Renaming over a device or a FIFO would replace it.
  PIO_CHECK(!std::filesystem::exists(status) || std::filesystem::is_regular_file(status),
            escaped(path_, 4096), ": exists and is not a regular file");
  static std::atomic<unsigned> counter{0};
  temporary_ = concat(path_, ".", ::getpid(), ".", counter++, ".tmp");
  fd_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (fd_ < 0) {
    fail_errno("cannot create", errno);
  }
}

AtomicFile::~AtomicFile() {
  if (fd_ >= 0) {
    ::close(fd_);
  }
  if (!temporary_.empty()) {
    ::unlink(temporary_.c_str());
  }
}

void AtomicFile::fail_errno(const char* what, int reason) const {
  fail(reason == ENOENT || reason == ENOTDIR ? ErrorCode::kNotFound : ErrorCode::kBadFile,
       concat(escaped(path_, 4096), ": ", what, ": ", std::strerror(reason)));
}

void AtomicFile::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) {
      fail_errno("cannot write", errno);
    }
    if (written > 0) {
      bytes = bytes.subspan(static_cast<size_t>(written));
    }
  }
}

void AtomicFile::commit() {
  const int fd = fd_;
  fd_ = -1;
  if (::close(fd) != 0) {
    fail_errno("cannot write", errno);
  }
  if (std::rename(temporary_.c_str(), path_.c_str()) != 0) {
    fail_errno("cannot rename to it", errno);
  }
  temporary_.clear();
}

}  // namespace pio::formats
