// SPDX-License-Identifier: Apache-2.0
// Test helpers for hostile files: bytes put together at run time, a folder that cleans up after
// itself, and the invariants that every rejected file must hold (hostile_inputs.md, A.3).
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <ctime>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "pio/base/error.h"
#include "support/allocation_probe.h"

namespace pio::formats {

/// Appends the little-endian bytes of `value`.
template <class T>
void put(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof(T));
}

inline std::span<const std::byte> as_bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

/// A folder of its own for one test, removed at the end.
class TempFolder {
 public:
  TempFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "pio_formats_XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder() { std::filesystem::remove_all(path_); }

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// Writes `bytes` to file `name` and gives its path.
  std::filesystem::path write(const std::string& name, std::string_view bytes) const {
    std::ofstream out(path_ / name, std::ios::binary);
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return path_ / name;
  }

 private:
  std::filesystem::path path_;
};

/// Time to reject a file; a sanitizer on a loaded machine says nothing about the program's speed.
#ifdef __SANITIZE_ADDRESS__
inline constexpr std::chrono::seconds kRejectionTime{20};
#else
inline constexpr std::chrono::seconds kRejectionTime{1};
#endif

/// What rejecting a bad file must look like.
struct Rejection {
  ErrorCode code = ErrorCode::kBadFile;
  std::string_view message;  ///< must occur in the message
  std::string_view source;   ///< file name that must occur in the message
  bool names_byte = true;    ///< "byte N" must occur in the message
  size_t file_bytes = 0;     ///< the memory allowance beyond 64 MiB
};

/// Runs `load` and expects an Error as described, within kRejectionTime and 64 MiB + file_bytes of
/// heap.
inline void expect_rejected(const Rejection& wanted, const std::function<void()>& load) {
  test::reset_allocation_peak();
  const std::clock_t start = std::clock();  // CPU time: neighbours do not count
  try {
    load();
    ADD_FAILURE() << "accepted";
  } catch (const Error& error) {
    const std::string text = error.what();
    EXPECT_EQ(error.code(), wanted.code) << text;
    EXPECT_NE(text.find(wanted.message), std::string::npos)
        << text << "\nlacks: " << wanted.message;
    EXPECT_NE(text.find(wanted.source), std::string::npos) << text;
    EXPECT_TRUE(!wanted.names_byte || text.find("byte ") != std::string::npos) << text;
    EXPECT_LT(text.size(), 2000u) << text;
    EXPECT_EQ(text.find('\n'), std::string::npos) << "an error is one line: " << text;
  }
  EXPECT_LT((std::clock() - start) / CLOCKS_PER_SEC, kRejectionTime.count());
  EXPECT_LT(test::allocation_peak(), (size_t{64} << 20) + wanted.file_bytes);
}

}  // namespace pio::formats
