// SPDX-License-Identifier: Apache-2.0
#include "pio/plan/plan.h"

#include <cstring>

#include "pio/base/checked.h"
#include "pio/base/error.h"
#include "pio/kernels/registry.h"

namespace pio::plan {
namespace {

using ops::Ref;
using ops::Space;

std::byte* address(const Ref& ref, const Plan& plan, const Bindings& bindings, const StepLayout& layout) {
  const auto id = static_cast<size_t>(ref.id);
  switch (ref.space) {
    case Space::kNone:
      return nullptr;
    case Space::kArena:
      return bindings.arena + plan.placement.offsets.at(id) + ref.offset;
    case Space::kWeights:
      return bindings.weights + ref.offset;
    case Space::kStep:
      return bindings.step + layout.offset(static_cast<ops::StepField>(ref.id)) + ref.offset;
    case Space::kCount:
      return bindings.step + StepLayout::count_offset(static_cast<DimName>(ref.id));
    case Space::kState:
      return bindings.states.at(id) + ref.offset;
  }
  return nullptr;
}

}  // namespace

const OutputView& Plan::output(std::string_view name) const {
  for (const OutputView& view : outputs) {
    if (view.name == name) {
      return view;
    }
  }
  fail(ErrorCode::kInternal, concat("[plan] no output \"", name, "\""));
}

BoundPlan::BoundPlan(const Plan& plan, const Bindings& bindings, const StepLayout& layout,
                     kernels::Isa isa) {
  std::vector<size_t> first_line;
  size_t lines = 0;
  for (const Step& step : plan.steps) {
    first_line.push_back(lines);
    lines += (step.params.size() + sizeof(Line) - 1) / sizeof(Line);
  }
  params_.resize(lines);
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    const Step& step = plan.steps[i];
    std::byte* params = params_[first_line[i]].bytes;
    std::memcpy(params, step.params.data(), step.params.size());
    for (const ops::Relocation& relocation : step.relocations) {
      std::byte* target = address(relocation.ref, plan, bindings, layout);
      std::memcpy(params + relocation.param_offset, static_cast<const void*>(&target), sizeof(target));
    }
    const kernels::Kernel& kernel = kernels::kernel(step.kernel, isa);
    launches_.push_back({.run = kernel.run,
                         .tasks = kernel.tasks,
                         .params = params,
                         .kernel = step.kernel});
  }
}

std::string to_string(const Plan& plan, bool with_names) {
  std::string out = concat("plan rows<=", plan.capacity, ": ", plan.steps.size(), " steps, arena ",
                           plan.placement.size_bytes, " bytes\n");
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    const Step& step = plan.steps[i];
    out += concat(step.is_copy ? "  copy " : "  ", kernels::name(step.kernel), "  ", step.label);
    if (with_names) {
      out += concat("  ", step.detail);
    }
    out += '\n';
  }
  return out;
}

}  // namespace pio::plan
