// SPDX-License-Identifier: Apache-2.0
// The one block of memory that carries everything a step is told: counts, ids, positions, tables, rules.
// Kernels read it in place; the loop fills a host copy and moves its used part at once.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "pio/kernels/params.h"
#include "pio/ops/step_builder.h"

namespace pio::plan {

/// What the loop needs to know of the kernels' world: pages of the cache, and how a token is picked.
using kernels::kPageSize;
using kernels::KvType;
using kernels::SampleRule;

/// Capacities of the block's arrays; the same for all plans of a model.
struct StepLimits {
  int64_t rows = 1;         ///< token rows, and wanted rows
  int64_t sequences = 1;
  int64_t table_pages = 1;  ///< entries of a page table
  int64_t history = 1;      ///< token ids that penalties may look at, all sequences together
};

/// Where each array lies. Page tables and history come last: only their used part is moved.
class StepLayout {
 public:
  explicit StepLayout(const StepLimits& limits);
  [[nodiscard]] int64_t offset(ops::StepField field) const;
  [[nodiscard]] static int64_t count_offset(DimName dim) { return static_cast<int64_t>(dim) * 4; }
  [[nodiscard]] int64_t size_bytes() const noexcept { return size_; }
  [[nodiscard]] const StepLimits& limits() const noexcept { return limits_; }

 private:
  StepLimits limits_;
  std::vector<int64_t> offsets_;
  int64_t size_ = 0;
};

/// The host copy. Spans are at capacity; set_counts says how much is live.
class StepInputs {
 public:
  explicit StepInputs(const StepLayout& layout);

  [[nodiscard]] std::span<int32_t> ids() { return array<int32_t>(ops::StepField::kIds, rows_); }
  [[nodiscard]] std::span<int32_t> positions() {
    return array<int32_t>(ops::StepField::kPositions, rows_);
  }
  /// Row -> sequence of the step.
  [[nodiscard]] std::span<int32_t> sequence() { return array<int32_t>(ops::StepField::kSequence, rows_); }
  /// Rows whose logits are wanted, rising.
  [[nodiscard]] std::span<int32_t> wanted() { return array<int32_t>(ops::StepField::kWanted, rows_); }
  /// One per wanted row.
  [[nodiscard]] std::span<SampleRule> rules() {
    return array<SampleRule>(ops::StepField::kRules, rows_);
  }
  /// Page numbers of sequence `s` of the step.
  [[nodiscard]] std::span<int32_t> page_table(int64_t s);
  [[nodiscard]] std::span<int32_t> history();

  /// Live counts; history: ids written to history().
  void set_counts(int64_t rows, int64_t wanted, int64_t sequences, int64_t history) noexcept;
  [[nodiscard]] int64_t rows() const noexcept { return live_rows_; }
  [[nodiscard]] int64_t wanted_rows() const noexcept { return live_wanted_; }

  [[nodiscard]] const std::byte* data() const noexcept { return data_.data(); }
  /// Bytes of the block up to the last one used.
  [[nodiscard]] int64_t used_bytes() const noexcept { return used_; }

 private:
  template <class T>
  [[nodiscard]] std::span<T> array(ops::StepField field, int64_t count) {
    return {reinterpret_cast<T*>(data_.data() + layout_.offset(field)), static_cast<size_t>(count)};
  }
  StepLayout layout_;
  int64_t rows_;
  int64_t live_rows_ = 0;
  int64_t live_wanted_ = 0;
  int64_t used_ = 0;
  std::vector<std::byte> data_;
};

}  // namespace pio::plan
