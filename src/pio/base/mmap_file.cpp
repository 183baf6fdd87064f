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
#include <csignal>
#include <cstring>
#include <utility>

#include "pio/base/error.h"

namespace pio {
namespace {

// The ranges now mapped, readable from a signal handler: fixed size, no locks.
struct MappedRange {
  std::atomic<uintptr_t> begin{0};
  std::atomic<uintptr_t> end{0};
};
constexpr size_t kMaxRanges = 4096;

std::array<MappedRange, kMaxRanges>& ranges() {
  static std::array<MappedRange, kMaxRanges> instance;
  return instance;
}

void remember(const std::byte* data, size_t size) {
  const auto begin = reinterpret_cast<uintptr_t>(data);
  for (auto& range : ranges()) {
    uintptr_t empty = 0;
    if (range.begin.compare_exchange_strong(empty, begin)) {
      range.end = begin + size;
      return;
    }
  }
}

void forget(const std::byte* data) {
  const auto begin = reinterpret_cast<uintptr_t>(data);
  for (auto& range : ranges()) {
    if (range.begin == begin) {
      range.end = 0;
      range.begin = 0;
      return;
    }
  }
}

bool is_mapped(uintptr_t begin, uintptr_t end) {
  return std::any_of(ranges().begin(), ranges().end(), [&](const MappedRange& range) {
    return range.begin != 0 && begin >= range.begin && end <= range.end;
  });
}

extern "C" void on_bus_error(int signal, siginfo_t* info, void* /*context*/) {
  const auto address = reinterpret_cast<uintptr_t>(info->si_addr);
  for (const auto& range : ranges()) {
    if (address >= range.begin && address < range.end) {
      constexpr std::string_view kMessage =
          "error: a model file was truncated or became unreadable while it was mapped\n";
      const auto written = ::write(STDERR_FILENO, kMessage.data(), kMessage.size());
      ::_exit(written > 0 ? 3 : 3);
    }
  }
  ::signal(signal, SIG_DFL);
  ::raise(signal);
}

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
  const int fd = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) {
    fail(ErrorCode::kBadFile, concat(shown, ": ", std::strerror(errno)));
  }
  size_ = static_cast<size_t>(info.st_size);
  if (size_ > 0) {
    void* data = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, fd, 0);
    const int reason = errno;
    ::close(fd);
    if (data == MAP_FAILED) {
      fail(ErrorCode::kBadFile, concat(shown, ": cannot map: ", std::strerror(reason)));
    }
    data_ = static_cast<const std::byte*>(data);
    remember(data_, size_);
  } else {
    ::close(fd);
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
  if (end > begin && is_mapped(begin, end)) {
    ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
  }
}

void MmapFile::prefetch(std::span<const std::byte> range) noexcept {
  const auto page = static_cast<uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto begin = reinterpret_cast<uintptr_t>(range.data()) & ~(page - 1);
  const auto end = reinterpret_cast<uintptr_t>(range.data()) + range.size();
  ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_WILLNEED);
}

void guard_mapped_reads() {
  struct sigaction action {};
  action.sa_sigaction = on_bus_error;
  action.sa_flags = SA_SIGINFO | SA_RESETHAND;
  ::sigaction(SIGBUS, &action, nullptr);
}

}  // namespace pio
