// SPDX-License-Identifier: Apache-2.0
#include "pio/plan/graph.h"

#include "pio/tensor/printer.h"

namespace pio::plan {

std::vector<NodePtr> topological(const Graph& graph) {
  std::vector<NodePtr> roots;
  for (const Output& output : graph.outputs) {
    roots.push_back(output.node);
  }
  return tensor::topological(roots);
}

std::string to_text(const Graph& graph) {
  std::vector<std::pair<std::string, NodePtr>> outputs;
  for (const Output& output : graph.outputs) {
    outputs.emplace_back(output.name, output.node);
  }
  return tensor::to_text(outputs);
}

Uses::Uses(const Graph& graph) {
  for (const NodePtr& node : topological(graph)) {
    for (const NodePtr& input : node->inputs()) {
      uses_[input.get()].push_back(node.get());
    }
  }
  for (const Output& output : graph.outputs) {
    uses_[output.node.get()].push_back(nullptr);
  }
}

const std::vector<const Node*>& Uses::of(const Node* node) const {
  static const std::vector<const Node*> none;
  const auto found = uses_.find(node);
  return found == uses_.end() ? none : found->second;
}

NodePtr with_inputs(const NodePtr& node, std::vector<NodePtr> inputs) {
  if (inputs == node->inputs()) {
    return node;
  }
  return ops::make(node->op(), std::move(inputs), node->attrs(), node->shape(), node->dtype());
}

Graph rewrite(const Graph& graph,
              const std::function<NodePtr(const NodePtr& original, const NodePtr& rebuilt)>& replace) {
  std::unordered_map<const Node*, NodePtr> done;
  for (const NodePtr& node : topological(graph)) {
    std::vector<NodePtr> inputs;
    inputs.reserve(node->inputs().size());
    for (const NodePtr& input : node->inputs()) {
      inputs.push_back(done.at(input.get()));
    }
    done.emplace(node.get(), replace(node, with_inputs(node, std::move(inputs))));
  }
  Graph out;
  for (const Output& output : graph.outputs) {
    out.outputs.push_back({output.name, done.at(output.node.get()), output.is_tap});
  }
  return out;
}

quant::QuantType packed_type(const NodePtr& leaf) {
  return leaf->is(ops::kStack) ? packed_type(leaf->input(0)) : leaf->slot()->packed_type;
}

DType rows_dtype(quant::QuantType type) {
  if (type == quant::QuantType::kBF16) {
    return DType::kBF16Rows;
  }
  return quant::traits(type).block_weights > 1 ? DType::kQ8Rows : DType::kF32;
}

}  // namespace pio::plan
