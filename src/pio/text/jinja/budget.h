// SPDX-License-Identifier: Apache-2.0
// What one rendering may spend, and the exception that ends it. Templates come from outside: every
// loop, copy and allocation of the engine is charged here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace pio::text::jinja {

inline constexpr int64_t kMaxSteps = 10'000'000;         ///< evaluated nodes and visited items
inline constexpr size_t kMaxText = size_t{16} << 20;     ///< bytes of the output or any string
inline constexpr size_t kMaxLive = size_t{64} << 20;     ///< bytes of all values alive at once
inline constexpr size_t kMaxTemplate = size_t{1} << 20;  ///< bytes of a template's text
inline constexpr size_t kMaxNesting = 200;               ///< brackets and blocks in one another
inline constexpr int64_t kMaxRange = 100'000;            ///< numbers in one range()
inline constexpr int kMaxCalls = 100;                    ///< nested macro and recursive-loop calls
inline constexpr int kMaxEvalDepth = 2000;               ///< nested evaluations, all calls together
inline constexpr uint32_t kMaxValueDepth = 200;          ///< lists within lists

/// A template's run-time failure, before the line is known; never leaves the engine.
class RunError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A RunError that no template can put off: a limit of this file was reached.
class LimitError final : public RunError {
 public:
  using RunError::RunError;
};

/// Throws RunError(message).
[[noreturn]] void fail_run(const std::string& message);
/// Throws LimitError(what + " limit reached").
[[noreturn]] void fail_limit(const std::string& what);

/// Counts down what a rendering may spend. Errors: RunError naming the limit.
class Budget {
 public:
  Budget() = default;
  Budget(const Budget&) = delete;
  Budget& operator=(const Budget&) = delete;

  /// Charges n units of work.
  void step(size_t n = 1) {
    steps_ -= static_cast<int64_t>(n);
    if (steps_ < 0) {
      fail_limit("step");
    }
  }
  /// Charges a copy of `bytes`.
  void copy(size_t bytes) { step(bytes / 64); }
  /// Charges a character by character pass over `bytes`.
  void scan(size_t bytes) { step(bytes / 16); }

  /// Counts `bytes` as alive until release().
  void hold(size_t bytes) {
    live_ += bytes;
    if (live_ > kMaxLive) {
      live_ -= bytes;
      fail_limit("memory");
    }
  }
  void release(size_t bytes) noexcept { live_ -= bytes; }

 private:
  int64_t steps_ = kMaxSteps;
  size_t live_ = 0;
};

/// A growing string that refuses to pass kMaxText. Errors: RunError "output limit reached".
class TextBuilder {
 public:
  void append(std::string_view text) {
    need(text.size());
    text_.append(text);
  }
  void append(char c) {
    need(1);
    text_.push_back(c);
  }
  /// Makes room for `bytes` at once. Errors: as for appending them.
  void reserve(size_t bytes) {
    need(bytes);
    text_.reserve(text_.size() + bytes);
  }
  /// Appends `text` count times; a count below 1 appends nothing.
  void repeat(std::string_view text, int64_t count);
  [[nodiscard]] size_t size() const { return text_.size(); }
  [[nodiscard]] std::string_view view() const { return text_; }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  void need(size_t more) {
    if (more > kMaxText - text_.size()) {
      fail_limit("output");
    }
  }
  std::string text_;
};

}  // namespace pio::text::jinja
