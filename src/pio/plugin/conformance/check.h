// SPDX-License-Identifier: Apache-2.0
// What a conformance check sees and says. One check per file; checks.inc lists them.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pio/kernels/registry.h"
#include "pio/plugin/conformance.h"
#include "pio/plugin/golden_case.h"

namespace pio::plugin::conformance {

/// Logits of consecutive positions.
using Logits = std::vector<std::vector<float>>;

/// Models by type of cache and number of threads.
using LoadedModels = std::map<std::pair<plan::KvType, int>, std::shared_ptr<CausalLMPlugin>>;

/// A checkpoint of an architecture on one instruction set, with the numbers it must give or
/// without.
struct Subject {
  const ModelFactory& factory;
  std::string architecture;
  std::filesystem::path model;
  const GoldenCase* golden = nullptr;  ///< null for a checkpoint without recorded numbers
  std::vector<int32_t> ids;            ///< a prompt, at most 400 ids
  kernels::Isa isa = kernels::default_isa();
  std::vector<plan::KvType> caches = {plan::KvType::kF16,
                                      plan::KvType::kQ8};  ///< of the same-bits checks
  std::vector<int> thread_counts = {1, 2, 3};              ///< and their workers
  std::shared_ptr<LoadedModels> kept = std::make_shared<LoadedModels>();  ///< what loaded() gave

  /// The model on a pool of its own, with room for `ids` and 8 sequences. Errors: as loading.
  [[nodiscard]] std::shared_ptr<CausalLMPlugin> load(LoadOptions options, int threads = 1) const;
  /// The same with the file's own weights, loaded once.
  [[nodiscard]] CausalLMPlugin& loaded(plan::KvType cache, int threads = 1) const;
};

/// What a check found: a figure worth showing, or what is wrong.
struct Outcome {
  bool ok;
  std::string detail;
};
[[nodiscard]] inline Outcome pass(std::string detail = "") { return {true, std::move(detail)}; }
[[nodiscard]] inline Outcome failed(std::string detail) { return {false, std::move(detail)}; }

/// How often a check runs, and on what.
enum class Scope : uint8_t {
  kCase,       ///< once per golden case and checkpoint
  kIsa,        ///< the same, on each instruction set
  kGoldenIsa,  ///< golden cases only, on each instruction set
};

/// One line of checks.inc. run may throw Error: the check failed.
struct Check {
  std::string_view name;
  Scope scope;
  Outcome (*run)(const Subject& subject);
};

/// All checks, in the order in which they run.
[[nodiscard]] std::span<const Check> checks();

/// "f16" or "q8", for messages.
[[nodiscard]] std::string_view cache_name(plan::KvType type);

/// Logits behind every one of `ids`, computed in pieces of `chunk`.
[[nodiscard]] Logits all_logits(CausalLMPlugin& model, std::span<const int32_t> ids, size_t chunk);

/// The first row that differs in any bit, or nothing.
[[nodiscard]] std::optional<size_t> first_difference(const Logits& a, const Logits& b);

}  // namespace pio::plugin::conformance
