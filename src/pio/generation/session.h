// SPDX-License-Identifier: Apache-2.0
// For generation loops written by a plugin: one sequence, token by token, with its logits.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "pio/generation/runner.h"

namespace pio::generation {

/// One sequence on a runner. Several sessions may live at once; calls are not thread-safe.
class Session {
 public:
  explicit Session(Runner& runner) : runner_(&runner) {}
  Session(Session&& other) noexcept;
  Session& operator=(Session&&) = delete;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  /// Appends ids and computes them in chunks. Returns the logits behind the last, [vocab], valid until the
  /// next call. Errors: kInvalidArgument if empty, outside the vocabulary, or beyond the context.
  std::span<const float> prefill(std::span<const int32_t> ids);
  /// Appends one id. Returns the logits behind it.
  std::span<const float> step(int32_t id);
  /// A new session with the same past; whole pages are shared.
  [[nodiscard]] Session fork();
  /// Forgets all but the first `positions` tokens. Errors: kInvalidArgument if there are fewer.
  void truncate(int64_t positions);
  /// Tokens so far.
  [[nodiscard]] int64_t size() const noexcept { return position_; }

  /// Like prefill, with the logits of every position handed to on_logits(position, logits).
  void score(std::span<const int32_t> ids,
             const std::function<void(int64_t position, std::span<const float> logits)>& on_logits);

 private:
  void check(std::span<const int32_t> ids) const;
  void make_room(int64_t end);
  Runner* runner_;
  int64_t position_ = 0;
  std::vector<int32_t> pages_;
  std::vector<float> logits_;
};

}  // namespace pio::generation
