// SPDX-License-Identifier: Apache-2.0
#include <unordered_map>

#include "pio/plan/passes/list.h"

namespace pio::plan {

Graph quantize_activations(const Graph& graph) {
  std::unordered_map<const Node*, NodePtr> quantized;
  return rewrite(graph, [&](const NodePtr&, const NodePtr& node) {
    if (!node->is(ops::kLinear) || !takes_quantized(packed_type(node->input(1))) ||
        node->input(0)->dtype() == DType::kQ8Rows) {
      return node;
    }
    const NodePtr& x = node->input(0);
    NodePtr& rows = quantized[x.get()];
    if (rows == nullptr) {
      rows = ops::make(ops::kQuantRows, {x}, {}, x->shape(), DType::kQ8Rows);
    }
    std::vector<NodePtr> inputs = node->inputs();
    inputs[0] = rows;
    return with_inputs(node, std::move(inputs));
  });
}

}  // namespace pio::plan
