// SPDX-License-Identifier: Apache-2.0
// A plan: the kernel calls of a graph at one capacity, with every pointer symbolic until it is bound.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "pio/kernels/device.h"
#include "pio/plan/graph.h"
#include "pio/plan/memory_planner.h"
#include "pio/plan/step_inputs.h"
#include "pio/plan/weight_layout.h"

namespace pio::plan {

/// One kernel call.
struct Step {
  kernels::KernelId kernel;
  std::vector<std::byte> params;
  std::vector<ops::Relocation> relocations;
  std::string label;     ///< op and result: "linear [1, rows<=8, 960]"
  std::string detail;    ///< weight names, attributes
  bool is_copy = false;  ///< only there for a tap
  int32_t device = 0;    ///< number of the device that runs it; so far every plan has one
};

/// Where an output lies.
struct OutputView {
  std::string name;
  ops::RowsView view;  ///< its ref is into the arena
};

/// Options that shape a lowering, the same for all plans of a model.
struct LoweringOptions {
  kernels::KvType kv_type = kernels::KvType::kF16;
  int64_t table_pages = 1;
};

/// Steps in order, where values lie, what must stay. Independent of any device's memory.
struct Plan {
  int64_t capacity = 0;  ///< token rows
  std::vector<Step> steps;
  std::vector<OutputView> outputs;
  std::vector<Lifetime> values;  ///< by arena id
  Placement placement;

  [[nodiscard]] const OutputView& output(std::string_view name) const;
};

/// The memory that a bound plan works in, all of it the device's.
struct Bindings {
  std::byte* arena = nullptr;
  std::byte* weights = nullptr;
  std::byte* step = nullptr;
  std::vector<std::byte*> states;  ///< pages of each state, by number
};

/// Lowers graphs to plans that share weights and states.
class Lowerer {
 public:
  explicit Lowerer(const LoweringOptions& options) : options_(options) {}

  /// Errors: kInvalidArgument for what an op cannot lower; kInternal for a broken graph.
  [[nodiscard]] Plan lower(const Graph& graph, int64_t capacity);

  [[nodiscard]] WeightLayout& weights() noexcept { return weights_; }
  [[nodiscard]] const WeightLayout& weights() const noexcept { return weights_; }
  /// States in order of number.
  [[nodiscard]] const std::vector<ops::StateSpec>& states() const noexcept { return states_; }

 private:
  friend class PlanBuilder;
  LoweringOptions options_;
  WeightLayout weights_;
  std::vector<ops::StateSpec> states_;
};

/// A plan with its pointers set, ready to launch. Keeps the parameters that the launches point to.
class BoundPlan {
 public:
  BoundPlan(const Plan& plan, const Bindings& bindings, const StepLayout& layout, kernels::Isa isa);
  BoundPlan(BoundPlan&&) = default;
  BoundPlan& operator=(BoundPlan&&) = default;
  [[nodiscard]] std::span<const kernels::Launch> launches() const noexcept { return launches_; }

 private:
  /// Parameters of one or more calls, a cache line each.
  struct alignas(64) Line {
    std::byte bytes[64];
  };
  std::vector<Line> params_;
  std::vector<kernels::Launch> launches_;
};

/// The plan as text, one step a line: kernel, label, detail. with_names: weights by name.
[[nodiscard]] std::string to_string(const Plan& plan, bool with_names = true);

}  // namespace pio::plan
