// SPDX-License-Identifier: Apache-2.0
#include "pio/plan/passes/list.h"

namespace pio::plan {

Graph norm_quant(const Graph& graph) {
  return rewrite(graph, [](const NodePtr&, const NodePtr& node) {
    if (!node->is(ops::kQuantRows) || !node->input(0)->is(ops::kRmsNorm)) {
      return node;
    }
    const NodePtr& norm = node->input(0);
    if (norm->shape()[-1].to_int() % 32 != 0) {
      return node;
    }
    return ops::make(ops::kRmsNormQuant, norm->inputs(), norm->attrs(), norm->shape(), node->dtype());
  });
}

}  // namespace pio::plan
