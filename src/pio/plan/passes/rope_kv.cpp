// SPDX-License-Identifier: Apache-2.0
#include "pio/plan/passes/list.h"

namespace pio::plan {
namespace {

bool is_weighted_norm(const NodePtr& node) {
  return node->is(ops::kRmsNorm) && node->inputs().size() == 2;
}

// Whether both rotations read norms of heads that nothing else reads.
bool are_normed(const NodePtr& q, const NodePtr& k, const Uses& uses) {
  return is_weighted_norm(q->input(0)) && is_weighted_norm(k->input(0)) &&
         q->input(0)->attrs() == k->input(0)->attrs() && uses.is_single(q->input(0)) &&
         uses.is_single(k->input(0));
}

}  // namespace

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
    std::vector<NodePtr> sources = {q->input(0), k->input(0), write->input(1), q->input(1)};
    tensor::Attrs attrs = {{"state", write->attrs().get_string("state")},
                           {"interleaved", q->attrs().get_int("interleaved")}};
    if (are_normed(original->input(0), original->input(1)->input(0), uses)) {
      const NodePtr q_norm = sources[0];
      const NodePtr k_norm = sources[1];
      sources[0] = q_norm->input(0);
      sources[1] = k_norm->input(0);
      sources.insert(sources.end(), {q_norm->input(1), k_norm->input(1)});
      attrs = attrs.with("eps", q_norm->attrs().get_double("eps"));
    }
    const NodePtr fused = ops::make(ops::kRopeKv, std::move(sources), std::move(attrs), q->shape());
    std::vector<NodePtr> inputs = node->inputs();
    inputs[0] = fused;
    inputs[1] = fused;
    return with_inputs(node, std::move(inputs));
  });
}

}  // namespace pio::plan
