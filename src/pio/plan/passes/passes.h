// SPDX-License-Identifier: Apache-2.0
// The ordered list of graph passes. Each is a function of one file, timed and verified after, switchable by
// name but for those that every plan needs.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "pio/plan/graph.h"

namespace pio::plan {

/// One pass: a graph in, an equivalent graph out. Every fused op gives the bits of what it replaces.
struct Pass {
  std::string_view name;
  Graph (*run)(const Graph& graph);
  bool required;  ///< lowers what has no kernel; cannot be switched off
};

/// All passes in the order in which they run.
[[nodiscard]] const std::vector<Pass>& passes();

/// Names of switchable passes to leave out; "all" stands for every one.
/// Errors: kInvalidArgument naming an unknown pass, with the known ones.
[[nodiscard]] std::set<std::string> parse_disabled(std::string_view comma_separated);

/// Time that a pass took.
struct PassTiming {
  std::string_view name;
  double milliseconds;
};

/// Runs the passes that are not disabled, verifying after each.
[[nodiscard]] Graph run_passes(const Graph& graph, const std::set<std::string>& disabled,
                               std::vector<PassTiming>* timings = nullptr);

}  // namespace pio::plan
