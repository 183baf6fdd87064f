// SPDX-License-Identifier: Apache-2.0
#include "pio/plan/graph.h"

#include <algorithm>
#include <unordered_set>

namespace pio::plan {

std::vector<NodePtr> topological(const Graph& graph) {
  std::vector<NodePtr> order;
  std::unordered_set<const Node*> seen;
  std::vector<std::pair<NodePtr, size_t>> stack;  // node and its next input to visit
  for (const Output& output : graph.outputs) {
    if (seen.insert(output.node.get()).second) {
      stack.emplace_back(output.node, 0);
    }
    while (!stack.empty()) {
      auto& [node, next] = stack.back();
      if (next == node->inputs().size()) {
        order.push_back(node);
        stack.pop_back();
        continue;
      }
      const NodePtr& input = node->input(next++);
      if (seen.insert(input.get()).second) {
        stack.emplace_back(input, 0);
      }
    }
  }
  return order;
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

bool takes_quantized(quant::QuantType type) { return quant::traits(type).block_weights > 1; }

}  // namespace pio::plan
