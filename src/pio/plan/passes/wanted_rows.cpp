// SPDX-License-Identifier: Apache-2.0
#include <unordered_map>
#include <unordered_set>

#include "pio/plan/passes/list.h"

namespace pio::plan {
namespace {

// Inputs whose rows are the node's rows. Their dims up to the named one must be the node's too: a rope_table of
// [1, rows, dims] over positions [rows] is picked from as a whole, and so is a reshape that moves those dims.
int row_inputs(const Node& node) {
  if (!node.is(tensor::kReshape)) {
    for (int i = 0; i < node.op().row_inputs; ++i) {
      const int split = ops::row_split(node.input(static_cast<size_t>(i))->shape());
      if (split != 0 && split != ops::row_split(node.shape())) {
        return 0;
      }
    }
    return node.op().row_inputs;
  }
  const Shape& from = node.input(0)->shape();
  const int split = ops::row_split(node.shape());
  if (split == 0 || split != ops::row_split(from)) {
    return 0;
  }
  for (int axis = 0; axis < split; ++axis) {
    if (from[axis] != node.shape()[axis]) {
      return 0;
    }
  }
  return 1;
}

// Nodes that are row by row and read by gathers of one index, or by such nodes, alone.
std::unordered_set<const Node*> find_wanted(const Graph& graph, const Uses& uses, const Node* index) {
  std::unordered_set<const Node*> wanted;
  const std::vector<NodePtr> order = topological(graph);
  for (auto it = order.rbegin(); it != order.rend(); ++it) {
    const Node* node = it->get();
    if (row_inputs(*node) == 0 || ops::row_split(node->shape()) == 0) {
      continue;
    }
    bool all = !uses.of(node).empty();
    for (const Node* user : uses.of(node)) {
      const bool gathered = user != nullptr && user->is(ops::kGatherRows) && user->input(1).get() == index;
      bool inner = user != nullptr && wanted.contains(user);
      for (size_t i = 0; inner && i < user->inputs().size(); ++i) {
        inner = user->input(i).get() != node || static_cast<int>(i) < row_inputs(*user);
      }
      all = all && (gathered || inner);
    }
    if (all) {
      wanted.insert(node);
    }
  }
  return wanted;
}

class Pusher {
 public:
  Pusher(const std::unordered_set<const Node*>& wanted, NodePtr index)
      : wanted_(wanted), index_(std::move(index)) {}

  // The wanted rows of `node`, a node of the graph before the pass.
  NodePtr picked(const NodePtr& node) {
    const auto found = done_.find(node.get());
    if (found != done_.end()) {
      return found->second;
    }
    const int split = ops::row_split(node->shape());
    const Shape shape = node->shape().with(split - 1, index_->shape()[0]);
    NodePtr out;
    if (!wanted_.contains(node.get())) {
      out = ops::make(ops::kGatherRows, {node, index_}, {}, shape, node->dtype());
    } else {
      std::vector<NodePtr> inputs = node->inputs();
      for (int i = 0; i < row_inputs(*node); ++i) {
        NodePtr& input = inputs[static_cast<size_t>(i)];
        input = ops::row_split(input->shape()) > 0 ? picked(input) : input;
      }
      out = ops::make(node->op(), std::move(inputs), node->attrs(), shape, node->dtype());
    }
    done_.emplace(node.get(), out);
    return out;
  }

 private:
  const std::unordered_set<const Node*>& wanted_;
  NodePtr index_;
  std::unordered_map<const Node*, NodePtr> done_;
};

}  // namespace

Graph wanted_rows(const Graph& graph) {
  const auto gathers_live_rows = [](const NodePtr& node) {
    return node->is(ops::kGatherRows) && ops::row_split(node->input(0)->shape()) > 0;
  };
  NodePtr index;
  for (const NodePtr& node : topological(graph)) {
    index = index == nullptr && gathers_live_rows(node) ? node->input(1) : index;
  }
  if (index == nullptr) {
    return graph;
  }
  const auto wanted = find_wanted(graph, Uses(graph), index.get());
  Pusher pusher(wanted, index);
  return rewrite(graph, [&](const NodePtr& original, const NodePtr& rebuilt) {
    const bool gather = gathers_live_rows(original) && original->input(1) == index;
    return gather ? pusher.picked(original->input(0)) : rebuilt;
  });
}

}  // namespace pio::plan
