// SPDX-License-Identifier: Apache-2.0
// Decides which rows the next step computes.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "pio/generation/batch.h"
#include "pio/generation/sequence.h"

namespace pio::generation {

/// What one step does for one sequence.
struct Scheduled {
  Sequence* sequence;
  int64_t count;      ///< pending tokens computed
  bool wants_token;  ///< the last of them is the sequence's last: a token is sampled behind it
};

/// First come, first served. Sequences that decode get their row in every step; prompts share what is left of
/// the row limit, in chunks.
class Scheduler {
 public:
  /// max_rows, max_sequences: limits of a step.
  Scheduler(int64_t max_rows, int64_t max_sequences, BlockManager& blocks);

  /// Queues a sequence behind those that wait; one that is finished already is left out. May allocate:
  /// not for the loop.
  void add(std::shared_ptr<Sequence> sequence);
  /// Whether no sequence waits or runs.
  [[nodiscard]] bool is_idle() const noexcept {
    return first_waiting_ == waiting_.size() && running_.empty();
  }

  /// The next step, valid until the next call; empty if nothing is left to do. Allocates nothing. Cancelled
  /// sequences are dropped; where no page is free for any sequence, the newest ends with an error.
  [[nodiscard]] std::span<const Scheduled> schedule() noexcept;

  /// Takes note of the step's tokens, one per scheduled piece that wanted one, in order; drops what finished.
  void commit(std::span<const int32_t> tokens, const std::unordered_set<int32_t>& eos) noexcept;

 private:
  void admit() noexcept;
  void drop_finished() noexcept;
  void schedule_one(Sequence& sequence, int64_t& rows) noexcept;
  int64_t max_rows_;
  int64_t max_sequences_;
  BlockManager& blocks_;
  std::vector<std::shared_ptr<Sequence>> waiting_;  // from first_waiting_ on; null before
  size_t first_waiting_ = 0;
  std::vector<std::shared_ptr<Sequence>> running_;
  std::vector<Scheduled> step_;
};

}  // namespace pio::generation
