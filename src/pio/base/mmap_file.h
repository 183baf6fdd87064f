// SPDX-License-Identifier: Apache-2.0
// Read-only memory-mapped files.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace pio {

/// A regular file mapped read-only for its lifetime. Movable; shared by shared_ptr where views outlive
/// the reader. A file truncated by another process while mapped ends in a clear message, not a bare
/// SIGBUS: see guard_mapped_reads().
class MmapFile {
 public:
  /// Maps `path`. Errors: kNotFound (missing), kBadFile (not a regular file, unreadable); the message
  /// names the path. A FIFO or device is refused without being opened for reading.
  explicit MmapFile(const std::filesystem::path& path);
  MmapFile(MmapFile&& other) noexcept;
  MmapFile& operator=(MmapFile&& other) noexcept;
  MmapFile(const MmapFile&) = delete;
  MmapFile& operator=(const MmapFile&) = delete;
  ~MmapFile();

  [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return {data_, size_}; }
  /// The bytes as they are, as characters.
  [[nodiscard]] std::string_view text() const noexcept {
    return {reinterpret_cast<const char*>(data_), size_};
  }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

  /// Tells the kernel that [data, data + size) will not be read again, so that its pages leave the
  /// resident set; only whole pages inside the range are dropped,
  /// and none of memory that is no mapped file (dropping would clear it).
  static void drop(std::span<const std::byte> range) noexcept;
  /// Asks the kernel to read the range ahead.
  static void prefetch(std::span<const std::byte> range) noexcept;

 private:
  std::string path_;
  const std::byte* data_ = nullptr;
  size_t size_ = 0;
};

/// Installs, once per process, a SIGBUS handler that reports a truncated mapped file on stderr and
/// exits with code 3; other SIGBUS keep their default action. Called by the apps, not by the library.
void guard_mapped_reads();

}  // namespace pio
