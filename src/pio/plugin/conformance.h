// SPDX-License-Identifier: Apache-2.0
// What every model folder must pass. The checks lie in conformance/, one per file.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "pio/kernels/registry.h"
#include "pio/plugin/model_factory.h"

namespace pio::plugin {

enum class CheckStatus : uint8_t { kOk, kFailed, kSkipped };

/// The outcome of one check.
struct CheckResult {
  std::string name;  ///< "<check> <golden case or checkpoint> <instruction set>"
  CheckStatus status;
  std::string detail;  ///< a figure, what failed, or why it was skipped
};

struct CheckOptions {
  std::filesystem::path
      goldens;  ///< golden cases, or one; empty: tests/golden of the architecture's source folder
  std::filesystem::path checkpoint;  ///< a real checkpoint to check as well, or empty
  std::vector<kernels::Isa> isas;    ///< instruction sets to check on; empty: the default one
};

/// Runs the checks of architecture `name`. One that is causal and has no goldens fails. Errors:
/// kNotFound for an unknown name, and for goldens that were given and are not there or hold no
/// case.
[[nodiscard]] std::vector<CheckResult> check_model(const ModelFactory& factory,
                                                   const std::string& name,
                                                   const CheckOptions& options);

/// The checks that need no golden numbers, on a checkpoint: names, finite weights, the same bits
/// however it is run.
[[nodiscard]] std::vector<CheckResult> check_checkpoint(const ModelFactory& factory,
                                                        const std::string& name,
                                                        const std::filesystem::path& path,
                                                        const std::vector<kernels::Isa>& isas);

/// The instruction sets to check on: the default one, or all that this CPU has.
[[nodiscard]] std::vector<kernels::Isa> check_isas(bool all);

}  // namespace pio::plugin
