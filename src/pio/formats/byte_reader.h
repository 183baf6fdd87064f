// SPDX-License-Identifier: Apache-2.0
// A cursor over a file's bytes: every read is checked against what is left, every error names the
// file and the byte.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "pio/base/error.h"
#include "pio/quant/codec.h"

namespace pio::formats {

/// Throws kBadFile: "<source>: byte <offset>: <what>".
[[noreturn]] inline void fail_at(std::string_view source, uint64_t offset,
                                 const std::string& what) {
  fail(ErrorCode::kBadFile, concat(escaped(source, 4096), ": byte ", offset, ": ", what));
}

/// Reads little-endian numbers and byte runs in order. Both views must outlive the reader.
class ByteReader {
 public:
  ByteReader(std::span<const std::byte> bytes, std::string_view source)
      : bytes_(bytes), source_(source) {}

  [[nodiscard]] size_t offset() const noexcept { return offset_; }
  [[nodiscard]] size_t remaining() const noexcept { return bytes_.size() - offset_; }

  /// The next `size` bytes, as a view. Errors: kBadFile "truncated" naming `what`.
  std::span<const std::byte> take(uint64_t size, std::string_view what) {
    if (size > remaining()) {
      reject(concat("truncated: ", what, " takes ", size, " bytes, ", remaining(), " are left"));
    }
    const auto out = bytes_.subspan(offset_, size);
    offset_ += size;
    return out;
  }

  /// The next number of type T. Errors: kBadFile "truncated" naming `what`.
  template <class T>
  T read(std::string_view what) {
    return quant::load<T>(take(sizeof(T), what).data());
  }

  /// A 64-bit length and so many bytes of text. Errors: kBadFile.
  std::string_view text(std::string_view what) {
    const auto size = read<uint64_t>(what);
    const auto bytes = take(size, what);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }

  /// Throws kBadFile at the current offset.
  [[noreturn]] void reject(const std::string& what) const { fail_at(source_, offset_, what); }

 private:
  std::span<const std::byte> bytes_;
  std::string_view source_;
  size_t offset_ = 0;
};

}  // namespace pio::formats
