// SPDX-License-Identifier: Apache-2.0
#include "pio/base/error.h"
#include "pio/plan/eval.h"
#include "pio/plan/passes/list.h"

namespace pio::plan {
namespace {

// Whether the lowering of `node` wants input i as a packed or dense weight, and what users call it.
std::string_view weight_name(const Node& node, size_t i) {
  if (i == 0 || node.op().is_leaf) {
    return "";
  }
  if (node.is(ops::kLinear)) {
    return i == 1 ? "weight" : "bias";
  }
  if (node.is(ops::kEmbedding) || node.is(ops::kRmsNorm)) {
    return "weight";
  }
  if (node.is(ops::kConv1d)) {
    return i == 1 ? "weight" : "bias";
  }
  if (node.is(ops::kLayerNorm)) {
    return i == 1 && node.attrs().get_int("weight") != 0 ? "weight" : "bias";
  }
  const bool sinks = node.is(ops::kSdpa) && node.attrs().get_int("sinks") != 0 && i + 1 == node.inputs().size();
  return sinks ? "sinks" : "";
}

NodePtr folded(const NodePtr& value, std::string_view op, std::string_view what) {
  for (const NodePtr& node : topological({.outputs = {{"value", value}}})) {
    PIO_CHECK(!node->is(tensor::kInput), "[", op, "] got a ", what, " computed from ",
              node->attrs().get_string("name"), ", expected one of parameters and constants alone");
  }
  return tensor::Tensor(to_list(tensor::Tensor(value)), value->shape()).node();
}

}  // namespace

Graph fold_weights(const Graph& graph) {
  return rewrite(graph, [](const NodePtr&, const NodePtr& rebuilt) {
    std::vector<NodePtr> inputs = rebuilt->inputs();
    for (size_t i = 0; i < inputs.size(); ++i) {
      const std::string_view what = weight_name(*rebuilt, i);
      if (!what.empty() && !inputs[i]->op().is_leaf) {
        inputs[i] = folded(inputs[i], rebuilt->op().name, what);
      }
    }
    return with_inputs(rebuilt, std::move(inputs));
  });
}

}  // namespace pio::plan
