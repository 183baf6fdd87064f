// SPDX-License-Identifier: Apache-2.0
#include "pio/plan/executor.h"

#include "pio/base/error.h"

namespace pio::plan {

Executor::Executor(std::shared_ptr<kernels::Device> device, const PlanCache& cache,
                   const Progress& progress)
    : device_(std::move(device)),
      cache_(cache),
      weights_(device_, cache.weights().size_bytes()),
      arena_(device_, cache.arena_bytes()),
      step_(device_, cache.layout().size_bytes()),
      vocab_(cache.plans().front().output("logits").view.cols) {
  cache_.weights().pack(*device_, weights_.data(), progress);
  for (const Plan& plan : cache_.plans()) {
    outputs_.push_back({.logits = rows_of(plan, plan.output("logits")),
                        .tokens = rows_of(plan, plan.output("tokens"))});
  }
  if (cache_.states().empty()) {
    bind_states({});
  }
}

Executor::OutputRows Executor::rows_of(const Plan& plan, const OutputView& output) const {
  const ops::RowsView& view = output.view;
  PIO_CHECK(view.ref.space == ops::Space::kArena, "[trace] output ", output.name,
            " is an input or a constant, not a result of the step");
  return {.data = arena_.data() + plan.placement.offsets.at(static_cast<size_t>(view.ref.id)) +
                  view.ref.offset,
          .stride_bytes = view.stride_bytes};
}

void Executor::bind_states(const std::vector<std::byte*>& states) {
  bound_.clear();
  const Bindings bindings{.arena = arena_.data(),
                          .weights = weights_.data(),
                          .step = step_.data(),
                          .states = states};
  for (const Plan& plan : cache_.plans()) {
    bound_.emplace_back(plan, bindings, cache_.layout(), device_->isa());
  }
}

void Executor::submit(const StepInputs& inputs) noexcept {
  last_ = cache_.index_for(inputs.rows());
  device_->upload(step_.data(), inputs.data(), inputs.used_bytes());
  device_->submit(bound_[last_].launches());
}

void Executor::read(std::string_view output, int64_t first, int64_t count, std::span<float> out) const {
  const Plan& plan = cache_.plans()[last_];
  const ops::RowsView& view = plan.output(output).view;
  PIO_CHECK(static_cast<int64_t>(out.size()) == count * view.cols, "[read] got room for ", out.size(),
            " values, expected ", count * view.cols);
  const OutputRows rows = rows_of(plan, plan.output(output));
  for (int64_t row = 0; row < count; ++row) {
    device_->download(reinterpret_cast<std::byte*>(out.data() + row * view.cols),
                      rows.data + (first + row) * rows.stride_bytes, view.cols * 4);
  }
}

void Executor::read_tokens(std::span<int32_t> out) const noexcept {
  // The sampler's own output: one i32 a row, dense.
  device_->download(reinterpret_cast<std::byte*>(out.data()), outputs_[last_].tokens.data,
                    static_cast<int64_t>(out.size_bytes()));
}

void Executor::read_logits(int64_t row, std::span<float> out) const noexcept {
  const OutputRows& logits = outputs_[last_].logits;
  device_->download(reinterpret_cast<std::byte*>(out.data()), logits.data + row * logits.stride_bytes,
                    static_cast<int64_t>(out.size_bytes()));
}

}  // namespace pio::plan
