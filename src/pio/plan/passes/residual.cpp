// SPDX-License-Identifier: Apache-2.0
#include "pio/plan/passes/list.h"

namespace pio::plan {
namespace {

bool can_take_residual(const NodePtr& node) {
  return node->is(ops::kLinear) && node->attrs().get_int("epilogue") == 0 &&
         node->attrs().get_int("residual") == 0;
}

}  // namespace

Graph residual(const Graph& graph) {
  const Uses uses(graph);
  return rewrite(graph, [&](const NodePtr& original, const NodePtr& node) {
    if (!node->is(ops::kAdd) || node->input(0)->shape() != node->input(1)->shape()) {
      return node;
    }
    for (const size_t branch : {size_t{1}, size_t{0}}) {
      const NodePtr& linear = node->input(branch);
      if (can_take_residual(linear) && uses.is_single(original->input(branch))) {
        std::vector<NodePtr> inputs = linear->inputs();
        inputs.push_back(node->input(1 - branch));
        return ops::make(ops::kLinear, std::move(inputs), linear->attrs().with("residual", int64_t{1}),
                         node->shape());
      }
    }
    return node;
  });
}

}  // namespace pio::plan
