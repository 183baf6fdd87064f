// SPDX-License-Identifier: Apache-2.0
#include "pio/plan/passes/list.h"

namespace pio::plan {

Graph silu_mul(const Graph& graph) {
  return rewrite(graph, [](const NodePtr&, const NodePtr& node) {
    if (!node->is(ops::kMul) || node->input(0)->shape() != node->input(1)->shape()) {
      return node;
    }
    for (const size_t gate : {size_t{0}, size_t{1}}) {
      if (node->input(gate)->is(ops::kSilu)) {
        return ops::make(ops::kSiluMul, {node->input(gate)->input(0), node->input(1 - gate)}, {},
                         node->shape());
      }
    }
    return node;
  });
}

}  // namespace pio::plan
