// SPDX-License-Identifier: Apache-2.0
#include "pio/kernels/params.h"
#include "pio/plan/passes/list.h"

namespace pio::plan {

Graph swiglu_quant(const Graph& graph) {
  const Uses uses(graph);
  return rewrite(graph, [&](const NodePtr& original, const NodePtr& node) {
    if (!node->is(ops::kQuantRows)) {
      return node;
    }
    const NodePtr& x = node->input(0);
    const bool fits = x->is(ops::kLinear) && uses.is_single(original->input(0)) &&
                      x->attrs().get_int("epilogue") ==
                          static_cast<int64_t>(kernels::Epilogue::kSwiGlu) &&
                      x->shape()[-1].to_int() % 32 == 0;
    return fits ? ops::make(ops::kLinear, x->inputs(),
                            x->attrs().with("epilogue",
                                            static_cast<int64_t>(kernels::Epilogue::kSwiGluQuant)),
                            x->shape(), node->dtype())
                : node;
  });
}

}  // namespace pio::plan
