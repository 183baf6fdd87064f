// SPDX-License-Identifier: Apache-2.0
// A file that appears under its name only when it is whole.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>

namespace pio::formats {

/// Writes to a temporary file in the target's folder; commit() renames it over the target. Without
/// commit() the destructor removes it, so that an error leaves no half file behind.
class AtomicFile {
 public:
  /// Errors: kInvalidArgument if `path` exists and is not a regular file; kNotFound or kBadFile
  /// with the system's reason if no file can be made there.
  explicit AtomicFile(const std::filesystem::path& path);
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile();

  /// Appends all of `bytes`. Errors: kBadFile with the system's reason (disk full ...).
  void write(std::span<const std::byte> bytes);
  /// Closes and renames; nothing may be written afterwards. Errors: kBadFile with the system's
  /// reason.
  void commit();

 private:
  [[noreturn]] void fail_errno(const char* what, int reason) const;

  std::string path_;
  std::string temporary_;
  int fd_ = -1;
};

}  // namespace pio::formats
