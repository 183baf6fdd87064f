// SPDX-License-Identifier: Apache-2.0
#include "pio/base/mmap_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <utility>

#include "pio/base/error.h"
#include "pio/base/log.h"

namespace pio {
namespace {

// The ranges now mapped, readable from a signal handler: fixed size, no locks.
struct MappedRange {
  std::atomic<uintptr_t> begin{0};
  std::atomic<uintptr_t> end{0};
};
constexpr size_t kMaxRanges = 4096;
constinit std::array<MappedRange, kMaxRanges> ranges;  // NOLINT(*-avoid-non-const-global-variables)

void warn_of_unknown_range() {
  static std::atomic<bool> warned{false};
  if (!warned.exchange(true)) {
    log::write(log::Level::kWarning,
               concat("more than ", kMaxRanges,
                      " files are mapped: one of them cut short would end the process without a message"));
  }
}

void remember(const std::byte* data, size_t size) {
  const auto begin = reinterpret_cast<uintptr_t>(data);
  for (auto& range : ranges) {
    uintptr_t empty = 0;
    if (range.begin.compare_exchange_strong(empty, begin)) {
      range.end = begin + size;
      return;
    }
  }
  warn_of_unknown_range();
}

void forget(const std::byte* data) {
  const auto begin = reinterpret_cast<uintptr_t>(data);
  for (auto& range : ranges) {
    if (range.begin == begin) {
      range.end = 0;
      range.begin = 0;
      return;
    }
  }
}

bool is_in_one_range(uintptr_t begin, uintptr_t end) noexcept {
  return std::any_of(ranges.begin(), ranges.end(), [&](const MappedRange& range) {
    return range.begin != 0 && begin >= range.begin && end <= range.end;
  });
}

// Size of the regular file behind `fd`.
size_t regular_size(int fd, const std::string& shown) {
  struct stat info {};
  if (::fstat(fd, &info) != 0) {
    fail(ErrorCode::kBadFile, concat(shown, ": ", std::strerror(errno)));
  }
  if (!S_ISREG(info.st_mode)) {
    fail(ErrorCode::kBadFile, concat(shown, ": not a regular file"));
  }
  return static_cast<size_t>(info.st_size);
}

// Closes a file descriptor at the end of its scope.
struct OpenFile {
  int fd;
  explicit OpenFile(int open_fd) : fd(open_fd) {}
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() {
    if (fd >= 0) {
      ::close(fd);
    }
  }
};

}  // namespace

MmapFile::MmapFile(const std::filesystem::path& path) : path_(path.string()) {
  const std::string shown = escaped(path_, 4096);
  struct stat info {};
  if (::stat(path_.c_str(), &info) != 0) {
    const int reason = errno;
    fail(reason == ENOENT || reason == ENOTDIR ? ErrorCode::kNotFound : ErrorCode::kBadFile,
         concat(shown, ": ", std::strerror(reason)));
  }
  if (!S_ISREG(info.st_mode)) {
    fail(ErrorCode::kBadFile, concat(shown, ": not a regular file"));
  }
  const OpenFile file(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.fd < 0) {
    fail(ErrorCode::kBadFile, concat(shown, ": ", std::strerror(errno)));
  }
  size_ = regular_size(file.fd, shown);  // another file may have taken the name since
  if (size_ > 0) {
    void* data = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file.fd, 0);
    if (data == MAP_FAILED) {
      fail(ErrorCode::kBadFile, concat(shown, ": cannot map: ", std::strerror(errno)));
    }
    data_ = static_cast<const std::byte*>(data);
    remember(data_, size_);
  }
}

MmapFile::MmapFile(MmapFile&& other) noexcept
    : path_(std::move(other.path_)),
      data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)) {}

MmapFile& MmapFile::operator=(MmapFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

MmapFile::~MmapFile() {
  if (data_ != nullptr) {
    forget(data_);
    ::munmap(const_cast<std::byte*>(data_), size_);
  }
}

void MmapFile::drop(std::span<const std::byte> range) noexcept {
  const auto page = static_cast<uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto begin = (reinterpret_cast<uintptr_t>(range.data()) + page - 1) & ~(page - 1);
  const auto end = (reinterpret_cast<uintptr_t>(range.data()) + range.size()) & ~(page - 1);
  if (end > begin && is_in_one_range(begin, end)) {
    ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
  }
}

bool MmapFile::is_mapped(const void* address) noexcept {
  const auto at = reinterpret_cast<uintptr_t>(address);
  return is_in_one_range(at, at + 1);
}

}  // namespace pio
