// SPDX-License-Identifier: Apache-2.0
// Runs plans on one device: owns their memory, binds them, submits steps, reads results back.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "pio/kernels/device.h"
#include "pio/plan/plan_cache.h"

namespace pio::plan {

/// The plans of a cache, bound to a device's memory. One step at a time; the step calls never throw and
/// allocate nothing.
class Executor {
 public:
  using Progress = std::function<void(int64_t done, int64_t total)>;

  /// Allocates and packs. `cache` must outlive it. Errors: kOutOfMemory.
  Executor(std::shared_ptr<kernels::Device> device, const PlanCache& cache, const Progress& progress = nullptr);

  /// Gives each state its pages, by number: device memory. Needed before the first step of a model with states.
  void bind_states(const std::vector<std::byte*>& states);

  /// Starts the step that `inputs` describes on the smallest plan that holds its rows.
  void submit(const StepInputs& inputs) noexcept;
  void wait() noexcept { device_->wait(); }

  /// Rows [first, first + count) of an output of the last step, after wait(). out: [count, cols] f32 or i32.
  void read(std::string_view output, int64_t first, int64_t count, std::span<float> out) const;
  /// The ids sampled for the wanted rows of the last step, after wait().
  void read_tokens(std::span<int32_t> out) const noexcept;
  /// Logits of wanted row `row` of the last step, after wait(). out: [vocab].
  void read_logits(int64_t row, std::span<float> out) const noexcept;

  [[nodiscard]] kernels::Device& device() noexcept { return *device_; }
  [[nodiscard]] const std::shared_ptr<kernels::Device>& shared_device() const noexcept { return device_; }
  [[nodiscard]] int64_t vocab() const noexcept { return vocab_; }

 private:
  /// Rows of one output in device memory.
  struct OutputRows {
    const std::byte* data = nullptr;
    int64_t stride_bytes = 0;
  };
  struct Outputs {
    OutputRows logits, tokens;
  };
  [[nodiscard]] OutputRows rows_of(const Plan& plan, const OutputView& output) const;
  std::shared_ptr<kernels::Device> device_;
  const PlanCache& cache_;
  kernels::DeviceBuffer weights_;
  kernels::DeviceBuffer arena_;
  kernels::DeviceBuffer step_;
  std::vector<BoundPlan> bound_;
  std::vector<Outputs> outputs_;
  size_t last_ = 0;
  int64_t vocab_ = 0;
};

}  // namespace pio::plan
