// SPDX-License-Identifier: Apache-2.0
// What every model folder must pass: config round-trip, goldens, and the same bits however it is run.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "pio/plugin/model_factory.h"

namespace pio::plugin {

enum class CheckStatus : uint8_t { kOk, kFailed, kSkipped };

/// The outcome of one check.
struct CheckResult {
  std::string name;
  CheckStatus status;
  std::string detail;  ///< what failed or why it was skipped
};

struct CheckOptions {
  std::filesystem::path goldens;     ///< empty: src/inference_pio/models/<name>/tests/golden under the current folder
  std::filesystem::path checkpoint;  ///< a real checkpoint for the same-bits checks, or empty
  bool all = false;                  ///< on every instruction set of this CPU
};

/// Runs the checks of architecture `name`. Errors: kNotFound for an unknown name.
[[nodiscard]] std::vector<CheckResult> check_model(const ModelFactory& factory, const std::string& name,
                                                   const CheckOptions& options);

/// Whether logits of `path` are the same bits for 1 and 2 threads, prompt chunks of 1, 7, 64 and whole, and alone or
/// among 7 other sequences. Returns what differs, or "".
[[nodiscard]] std::string check_same_bits(const ModelFactory& factory, const std::string& name,
                                          const std::filesystem::path& path, const std::vector<int32_t>& ids,
                                          LoadOptions options, kernels::Isa isa);

}  // namespace pio::plugin
