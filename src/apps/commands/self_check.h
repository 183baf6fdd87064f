// SPDX-License-Identifier: Apache-2.0
// Whether an instruction set computes here what the scalar reference computes.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "pio/base/thread_pool.h"
#include "pio/kernels/kernel.h"

namespace pio::apps {

/// A tiny decoder in every weight format and cache type, its steps joined by passes and not, and
/// the operations that it lacks, each solved by the scalar reference on one thread.
class SelfCheck {
 public:
  /// How a case is computed.
  struct Machine {
    std::shared_ptr<ThreadPool> pool;
    kernels::Isa isa;
    int64_t chunk;  ///< rows that the prompt is cut into
  };
  struct Case {
    std::string name;  ///< "Q4_0 weights, f16 cache"
    std::function<std::vector<float>(const Machine&)> compute;
  };

  /// Solves every case with the reference.
  SelfCheck();
  explicit SelfCheck(std::vector<Case> cases);

  /// Solves them again on `isa`, over `pool` and in other chunks. Returns the first difference, in
  /// bits, or "".
  [[nodiscard]] std::string run(kernels::Isa isa, std::shared_ptr<ThreadPool> pool) const;
  [[nodiscard]] size_t size() const noexcept { return cases_.size(); }

 private:
  std::vector<Case> cases_;
  std::vector<std::vector<float>> expected_;
};

}  // namespace pio::apps
