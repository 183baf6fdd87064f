// SPDX-License-Identifier: Apache-2.0
#include "pio/plan/passes/list.h"

namespace pio::plan {

Graph norm_quant(const Graph& graph) {
  return rewrite(graph, [](const NodePtr&, const NodePtr& node) {
    if (!node->is(ops::kQuantRows) || !node->input(0)->is(ops::kRmsNorm)) {
      return node;
    }
    const NodePtr& norm = node->input(0);
    return ops::make(ops::kRmsNormQuant, norm->inputs(), norm->attrs(), norm->shape(), DType::kQ8Rows);
  });
}

}  // namespace pio::plan
