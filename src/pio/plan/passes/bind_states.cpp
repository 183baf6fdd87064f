// SPDX-License-Identifier: Apache-2.0
#include "pio/plan/passes/list.h"

namespace pio::plan {

Graph bind_states(const Graph& graph) {
  return rewrite(graph, [](const NodePtr&, const NodePtr& node) {
    if (!node->is(ops::kSdpa) || !node->shape().has_named()) {
      return node;
    }
    const NodePtr write = ops::make(ops::kKvWrite, {node->input(1), node->input(2)},
                                    {{"state", node->attrs().get_string("state")}},
                                    node->shape().with(-1, 0).with(-2, 0));
    std::vector<NodePtr> inputs = {node->input(0), write};
    if (node->attrs().get_int("sinks") != 0) {
      inputs.push_back(node->input(3));  // a traced sdpa has no mask
    }
    return ops::make(ops::kAttention, std::move(inputs), node->attrs(), node->shape());
  });
}

}  // namespace pio::plan
