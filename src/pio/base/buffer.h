// SPDX-License-Identifier: Apache-2.0
// Anonymous memory that is zero and costs nothing until touched.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

namespace pio {

/// Owns `size_bytes` of zeroed memory mapped from the kernel; pages become resident when touched.
class Buffer {
 public:
  Buffer() = default;
  /// huge_pages: align to 2 MiB and ask for transparent huge pages before the first touch.
  /// Errors: kInvalidArgument (negative size), kOutOfMemory naming the size.
  explicit Buffer(int64_t size_bytes, bool huge_pages = false);
  Buffer(Buffer&& other) noexcept { swap(other); }
  Buffer& operator=(Buffer&& other) noexcept {
    swap(other);
    return *this;
  }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer();

  [[nodiscard]] std::byte* data() const noexcept { return data_; }
  [[nodiscard]] int64_t size_bytes() const noexcept { return size_; }

 private:
  void swap(Buffer& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(mapping_, other.mapping_);
    std::swap(mapping_size_, other.mapping_size_);
  }
  std::byte* data_ = nullptr;
  int64_t size_ = 0;
  void* mapping_ = nullptr;
  size_t mapping_size_ = 0;
};

}  // namespace pio
