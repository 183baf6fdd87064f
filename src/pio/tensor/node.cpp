// SPDX-License-Identifier: Apache-2.0
#include "pio/tensor/node.h"

#include <algorithm>
#include <iterator>
#include <unordered_set>
#include <utility>

namespace pio::tensor {

Node::~Node() {
  std::vector<NodePtr> doomed = std::move(inputs_);
  while (!doomed.empty()) {
    const NodePtr node = std::move(doomed.back());
    doomed.pop_back();
    if (node.use_count() == 1) {
      // Nobody else can reach the node, so its inputs may leave it early.
      auto& inputs = const_cast<Node&>(*node).inputs_;
      std::ranges::move(inputs, std::back_inserter(doomed));
      inputs.clear();
    }
  }
}

std::vector<NodePtr> topological(std::span<const NodePtr> roots) {
  std::vector<NodePtr> order;
  std::unordered_set<const Node*> seen;
  std::vector<std::pair<NodePtr, size_t>> stack;  // node and its next input to visit
  for (const NodePtr& root : roots) {
    if (seen.insert(root.get()).second) {
      stack.emplace_back(root, 0);
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

}  // namespace pio::tensor
