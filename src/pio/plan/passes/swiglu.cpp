// SPDX-License-Identifier: Apache-2.0
#include "pio/kernels/params.h"
#include "pio/plan/passes/list.h"

namespace pio::plan {
namespace {

bool is_plain_linear(const NodePtr& node) {
  return node->is(ops::kLinear) && node->inputs().size() == 2 && node->input(1)->is(tensor::kParameter) &&
         node->attrs().get_int("epilogue") == 0;
}

}  // namespace

Graph swiglu(const Graph& graph) {
  const Uses uses(graph);
  return rewrite(graph, [&](const NodePtr& original, const NodePtr& node) {
    if (!node->is(ops::kSiluMul)) {
      return node;
    }
    const NodePtr& gate = node->input(0);
    const NodePtr& up = node->input(1);
    if (!is_plain_linear(gate) || !is_plain_linear(up) || gate == up ||
        gate->input(0) != up->input(0) || !uses.is_single(original->input(0)) ||
        !uses.is_single(original->input(1)) ||
        packed_type(gate->input(1)) != packed_type(up->input(1))) {
      return node;
    }
    const Dim rows = gate->input(1)->shape()[0] * 2;
    const NodePtr weight =
        ops::make(ops::kStack, {gate->input(1), up->input(1)}, {{"interleave", int64_t{32}}},
                  {rows, gate->input(1)->shape()[1]});
    return ops::make(ops::kLinear, {gate->input(0), weight},
                     gate->attrs().with("epilogue", static_cast<int64_t>(kernels::Epilogue::kSwiGlu)),
                     node->shape());
  });
}

}  // namespace pio::plan
