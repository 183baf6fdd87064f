// SPDX-License-Identifier: Apache-2.0
#include "pio/plan/passes/list.h"

namespace pio::plan {

Graph rope_kv(const Graph& graph) {
  const Uses uses(graph);
  return rewrite(graph, [&](const NodePtr& original, const NodePtr& node) {
    if (!node->is(ops::kAttention) || !node->input(1)->is(ops::kKvWrite)) {
      return node;
    }
    const NodePtr& q = node->input(0);
    const NodePtr& write = node->input(1);
    const NodePtr& k = write->input(0);
    const bool rotated = q->is(ops::kRope) && k->is(ops::kRope) && q->input(1) == k->input(1) &&
                         q->attrs() == k->attrs();
    const bool owned = uses.is_single(original->input(0)) && uses.is_single(original->input(1)) &&
                       uses.is_single(original->input(1)->input(0));
    if (!rotated || !owned) {
      return node;
    }
    const NodePtr fused = ops::make(
        ops::kRopeKv, {q->input(0), k->input(0), write->input(1), q->input(1)},
        {{"state", write->attrs().get_string("state")},
         {"interleaved", q->attrs().get_int("interleaved")}},
        q->shape());
    std::vector<NodePtr> inputs = node->inputs();
    inputs[0] = fused;
    inputs[1] = fused;
    return with_inputs(node, std::move(inputs));
  });
}

}  // namespace pio::plan
