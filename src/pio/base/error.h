// SPDX-License-Identifier: Apache-2.0
// The one exception type of the engine and its checks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

namespace pio {

/// What kind of failure an Error reports; the server maps it to an HTTP status, the bindings to a
/// Python exception, the command line to an exit code.
enum class ErrorCode : uint8_t {
  kInvalidArgument,  ///< a value that the caller passed
  kNotFound,         ///< a file, model or name that does not exist
  kUnsupported,      ///< valid, but outside what this build can do
  kBadFile,          ///< a file whose content breaks its format or the model's needs
  kOutOfMemory,      ///< more memory asked for than there is
  kCancelled,        ///< stopped on request
  kInternal,         ///< a broken invariant of the engine itself
};

/// The engine's exception: thrown on cold paths only (load, trace, plan, request checks).
/// The message names what came and what was wanted: "[op] got [2, 3], expected [2, 4]".
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  [[nodiscard]] ErrorCode code() const noexcept { return code_; }

 private:
  ErrorCode code_;
};

/// Throws Error(code, message).
[[noreturn]] void fail(ErrorCode code, const std::string& message);

/// Joins its arguments as text: concat("row ", 3, " of ", name).
template <class... Args>
[[nodiscard]] std::string concat(const Args&... args);

/// Text with control bytes, quotes and invalid UTF-8 escaped (\n, \x1b), for messages and logs.
/// Longer than max_bytes is cut and ended with "...".
[[nodiscard]] std::string escaped(std::string_view text, size_t max_bytes = 200);

namespace detail {
inline void append(std::string& out, std::string_view text) { out.append(text); }
inline void append(std::string& out, const char* text) { out.append(text); }
inline void append(std::string& out, char c) { out.push_back(c); }
void append(std::string& out, double value);
template <class T>
  requires std::is_integral_v<T>
void append(std::string& out, T value) {
  out.append(std::to_string(value));
}
}  // namespace detail

template <class... Args>
std::string concat(const Args&... args) {
  std::string out;
  (detail::append(out, args), ...);
  return out;
}

}  // namespace pio

/// Throws kInvalidArgument with the joined arguments unless `condition` holds (the caller's fault).
#define PIO_CHECK(condition, ...)                                                      \
  do {                                                                                 \
    if (!(condition)) {                                                                \
      ::pio::fail(::pio::ErrorCode::kInvalidArgument, ::pio::concat(__VA_ARGS__));     \
    }                                                                                  \
  } while (false)

/// An invariant of our own, checked in debug builds only.
#ifdef NDEBUG
#define PIO_DCHECK(condition) static_cast<void>(0)
#else
#define PIO_DCHECK(condition)                                                          \
  do {                                                                                 \
    if (!(condition)) {                                                                \
      ::pio::fail(::pio::ErrorCode::kInternal, "broken invariant: " #condition);       \
    }                                                                                  \
  } while (false)
#endif
