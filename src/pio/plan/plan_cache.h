// SPDX-License-Identifier: Apache-2.0
// All plans of a model: traced, passed, verified and lowered at load, one per capacity.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "pio/plan/passes/passes.h"
#include "pio/plan/plan.h"
#include "pio/plan/trace.h"

namespace pio::plan {

struct CacheOptions {
  std::vector<int64_t> capacities = {1, 8, 64, 512};  ///< token rows, rising
  std::set<std::string> disabled_passes;
  bool taps = false;
  KvType kv_type = kernels::KvType::kF16;
  int64_t sequences = 1;    ///< most sequences in one step
  int64_t table_pages = 1;  ///< most pages of one sequence
  int64_t history = 1;      ///< token ids for penalties, all sequences of a step together
};

/// Plans by rising capacity, with the weights and states that they share.
class PlanCache {
 public:
  /// Traces `forward` once per capacity. Errors: those of the trace, the passes and the lowering.
  PlanCache(const Forward& forward, const CacheOptions& options);

  [[nodiscard]] const std::vector<Plan>& plans() const noexcept { return plans_; }
  [[nodiscard]] const WeightLayout& weights() const noexcept { return lowerer_.weights(); }
  [[nodiscard]] const std::vector<ops::StateSpec>& states() const noexcept { return lowerer_.states(); }
  [[nodiscard]] const StepLayout& layout() const noexcept { return layout_; }
  /// Bytes of one page of one state.
  [[nodiscard]] int64_t page_bytes(const ops::StateSpec& state) const noexcept {
    return kernels::kv_page_bytes(kv_type_, state.kv_heads, state.head_dim, state.value_dim);
  }
  /// The plan with the least capacity that holds `rows` rows.
  [[nodiscard]] size_t index_for(int64_t rows) const noexcept;
  /// Rows of the largest plan.
  [[nodiscard]] int64_t max_rows() const noexcept { return plans_.back().capacity; }
  /// Bytes of the arena that serves every plan.
  [[nodiscard]] int64_t arena_bytes() const noexcept;
  /// Time of each pass, summed over capacities.
  [[nodiscard]] const std::vector<PassTiming>& timings() const noexcept { return timings_; }

 private:
  KvType kv_type_;
  Lowerer lowerer_;
  StepLayout layout_;
  std::vector<Plan> plans_;
  std::vector<PassTiming> timings_;
};

}  // namespace pio::plan
