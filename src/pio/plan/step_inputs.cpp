// SPDX-License-Identifier: Apache-2.0
#include "pio/plan/step_inputs.h"

#include "pio/base/checked.h"

namespace pio::plan {

// The counts come first, one i32 per DimName.
constexpr int64_t kCountsBytes = 64;
static_assert((static_cast<int64_t>(DimName::kSeqs) + 1) * 4 <= kCountsBytes);

StepLayout::StepLayout(const StepLimits& limits) : limits_(limits) {
  constexpr int64_t kInt = sizeof(int32_t);
  int64_t at = kCountsBytes;
  const auto place = [&](int64_t bytes) {  // in the order of StepField
    offsets_.push_back(at);
    at = align_up(at + bytes, 64);
  };
  place(limits.rows * kInt);  // ids
  place(limits.rows * kInt);  // positions
  place(limits.rows * kInt);  // sequence
  place(limits.rows * kInt);  // wanted
  place(limits.rows * int64_t{sizeof(kernels::SampleRule)});
  place(limits.sequences * limits.table_pages * kInt);
  place(limits.history * kInt);
  size_ = at;
}

int64_t StepLayout::offset(ops::StepField field) const { return offsets_[static_cast<size_t>(field)]; }

StepInputs::StepInputs(const StepLayout& layout)
    : layout_(layout),
      rows_(layout.limits().rows),
      data_(static_cast<size_t>(layout.size_bytes())) {}

std::span<int32_t> StepInputs::page_table(int64_t s) {
  const int64_t pages = layout_.limits().table_pages;
  return array<int32_t>(ops::StepField::kPageTables, layout_.limits().sequences * pages)
      .subspan(static_cast<size_t>(s * pages), static_cast<size_t>(pages));
}

std::span<int32_t> StepInputs::history() {
  return array<int32_t>(ops::StepField::kHistory, layout_.limits().history);
}

void StepInputs::set_counts(int64_t rows, int64_t wanted, int64_t sequences, int64_t history) noexcept {
  live_rows_ = rows;
  live_wanted_ = wanted;
  auto* counts = reinterpret_cast<int32_t*>(data_.data());
  counts[static_cast<size_t>(DimName::kRows)] = static_cast<int32_t>(rows);
  counts[static_cast<size_t>(DimName::kWanted)] = static_cast<int32_t>(wanted);
  counts[static_cast<size_t>(DimName::kSeqs)] = static_cast<int32_t>(sequences);
  used_ = layout_.offset(ops::StepField::kPageTables) + sequences * layout_.limits().table_pages * 4;
  if (history > 0) {
    used_ = layout_.offset(ops::StepField::kHistory) + history * 4;
  }
}

}  // namespace pio::plan
