// SPDX-License-Identifier: Apache-2.0
// A model made ready to run: traced, packed, with its cache; takes one batch at a time.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "pio/generation/batch.h"
#include "pio/generation/kv_cache.h"
#include "pio/nn/model.h"
#include "pio/plan/executor.h"

namespace pio::generation {

/// How a model is run; fixed at load.
struct RunnerOptions {
  int64_t context = 2048;  ///< most positions of one sequence, up to 2^31
  int64_t sequences = 1;   ///< most sequences at once, up to 2^16
  int64_t chunk = 512;     ///< most token rows of one step, up to 2^20
  plan::KvType kv_type = plan::KvType::kF16;
  std::set<std::string> disabled_passes;
  bool taps = false;  ///< also give the hidden states of wanted rows
};

/// What a load tells on its way.
struct LoadHooks {
  std::function<void(int64_t vocab)> planned;  ///< the plans are made, nothing is packed yet; may throw
  plan::Executor::Progress progress;           ///< of packing
};

/// Owns plans, executor and cache of one model. The model must outlive it.
class Runner {
 public:
  /// Errors: kInvalidArgument from the trace and for options out of bounds; kOutOfMemory "needs X, Y free; try
  /// --ctx Z" when packed weights, buffers and the cache of one full context exceed the memory that is free, or
  /// with `sequences` full contexts exceed memory and swap of the machine: pages that no sequence reached cost
  /// nothing, so that more sequences than are free at this moment may start, but not more than could ever run.
  Runner(const nn::Module& model, std::shared_ptr<kernels::Device> device, const RunnerOptions& options,
         const LoadHooks& hooks = {});

  /// Runs one step over `pieces` and waits for it.
  void run(std::span<const BatchPiece> pieces) noexcept;

  [[nodiscard]] plan::Executor& executor() noexcept { return *executor_; }
  [[nodiscard]] const plan::PlanCache& plans() const noexcept { return plans_; }
  [[nodiscard]] BlockManager& blocks() noexcept { return cache_->blocks(); }
  [[nodiscard]] KvCache& cache() noexcept { return *cache_; }
  [[nodiscard]] const RunnerOptions& options() const noexcept { return options_; }
  /// To be held around steps and page handling by those who share a runner between threads: a Service and the
  /// sessions beside it. One driver alone needs no turn.
  [[nodiscard]] std::mutex& turn() noexcept { return turn_; }
  [[nodiscard]] int64_t vocab() const noexcept { return executor_->vocab(); }

 private:
  std::mutex turn_;
  RunnerOptions options_;
  plan::PlanCache plans_;
  plan::StepInputs inputs_;
  std::unique_ptr<plan::Executor> executor_;
  std::unique_ptr<KvCache> cache_;
};

}  // namespace pio::generation
