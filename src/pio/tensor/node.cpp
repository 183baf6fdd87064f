// SPDX-License-Identifier: Apache-2.0
#include "pio/tensor/node.h"

#include <algorithm>
#include <iterator>

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

}  // namespace pio::tensor
