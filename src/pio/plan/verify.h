// SPDX-License-Identifier: Apache-2.0
// Checks that a graph is well formed: run after the trace and after every pass.
#pragma once

#include <string_view>

#include "pio/plan/graph.h"

namespace pio::plan {

/// Errors: kInternal naming `stage`, the op and what is wrong: inputs that do not fit, a view of another size.
void verify(const Graph& graph, std::string_view stage);

/// verify, and what lowerings rely on besides: weights are leaves, weights meet rows of their kind, and
/// attention reads a state.
void verify_lowerable(const Graph& graph);

}  // namespace pio::plan
