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
/// the reader. Reading a file that another process cut short raises SIGBUS: see is_mapped().
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
  /// Whether `address` lies in a file now mapped (in one of the first 4096). Callable in a signal
  /// handler: a SIGBUS there means that the file was cut short or became unreadable.
  [[nodiscard]] static bool is_mapped(const void* address) noexcept;

 private:
  std::string path_;
  const std::byte* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace pio
