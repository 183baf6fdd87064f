// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <utility>

#include "pio/plan/passes/list.h"

namespace pio::plan {

Graph quantize_activations(const Graph& graph) {
  std::map<std::pair<const Node*, DType>, NodePtr> quantized;
  return rewrite(graph, [&](const NodePtr&, const NodePtr& node) {
    if (!node->is(ops::kLinear)) {
      return node;
    }
    const NodePtr& x = node->input(0);
    const DType wanted = rows_dtype(packed_type(node->input(1)));
    if (wanted == x->dtype()) {
      return node;
    }
    NodePtr& rows = quantized[{x.get(), wanted}];
    if (rows == nullptr) {
      rows = ops::make(ops::kQuantRows, {x}, {}, x->shape(), wanted);
    }
    std::vector<NodePtr> inputs = node->inputs();
    inputs[0] = rows;
    return with_inputs(node, std::move(inputs));
  });
}

}  // namespace pio::plan
