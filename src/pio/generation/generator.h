// SPDX-License-Identifier: Apache-2.0
// The token loop: schedule, fill, run, commit. Every request goes through it.
#pragma once

#include <memory>
#include <unordered_set>
#include <vector>

#include "pio/generation/runner.h"
#include "pio/generation/scheduler.h"

namespace pio::generation {

/// Answers requests on one runner, many at a time. Not thread-safe: one caller drives it.
class Generator {
 public:
  /// tokenizer may be null (ids only). eos: tokens that end an answer.
  Generator(Runner& runner, std::shared_ptr<const text::Tokenizer> tokenizer,
            std::unordered_set<int32_t> eos);

  [[nodiscard]] Runner& runner() noexcept { return runner_; }

  /// Queues a request. Errors: kInvalidArgument as Sequence's, and for ids outside the vocabulary.
  std::shared_ptr<Sequence> submit(Request request);
  /// Runs one step. False when nothing is left to do.
  bool step() noexcept;
  /// Answers one request, running all that is queued until it is done.
  [[nodiscard]] GenerationResult generate(Request request);

 private:
  Runner& runner_;
  std::shared_ptr<const text::Tokenizer> tokenizer_;
  std::unordered_set<int32_t> eos_;
  Scheduler scheduler_;
  std::vector<BatchPiece> pieces_;
  std::vector<int32_t> tokens_;
};

}  // namespace pio::generation
