// SPDX-License-Identifier: Apache-2.0
#include <map>

#include "pio/plan/passes/list.h"

namespace pio::plan {
namespace {

// What linears must share to be stacked: the input, the weights' format, having a bias or not.
struct GroupKey {
  const Node* x;
  quant::QuantType type;
  bool bias;
  auto operator<=>(const GroupKey&) const = default;
};

bool is_candidate(const NodePtr& node) {
  return node->is(ops::kLinear) && node->input(1)->is(tensor::kParameter) &&
         node->attrs().get_int("epilogue") == 0 && node->attrs().get_int("residual") == 0;
}

GroupKey key_of(const NodePtr& node) {
  return {node->input(0).get(), packed_type(node->input(1)), node->attrs().get_int("bias") != 0};
}

// One linear over all weights of the group, reading `x`.
NodePtr stacked(const std::vector<NodePtr>& group, const NodePtr& x) {
  std::vector<NodePtr> weights;
  std::vector<NodePtr> biases;
  int64_t rows = 0;
  for (const NodePtr& node : group) {
    weights.push_back(node->input(1));
    rows += node->input(1)->shape()[0].to_int();
    if (node->attrs().get_int("bias") != 0) {
      biases.push_back(node->input(2));
    }
  }
  const tensor::Attrs attrs = {{"interleave", int64_t{0}}};
  const Dim cols = weights[0]->shape()[1];
  std::vector<NodePtr> inputs = {x, ops::make(ops::kStack, weights, attrs, {rows, cols})};
  if (!biases.empty()) {
    inputs.push_back(ops::make(ops::kStack, biases, attrs, {rows}));
  }
  return ops::make(ops::kLinear, std::move(inputs), group[0]->attrs(), group[0]->shape().with(-1, rows));
}

}  // namespace

Graph stack_matmuls(const Graph& graph) {
  std::map<GroupKey, std::vector<NodePtr>> groups;
  for (const NodePtr& node : topological(graph)) {
    if (is_candidate(node)) {
      groups[key_of(node)].push_back(node);
    }
  }
  std::map<GroupKey, NodePtr> made;
  return rewrite(graph, [&](const NodePtr& original, const NodePtr& node) {
    if (!is_candidate(original)) {
      return node;
    }
    const auto& group = groups.at(key_of(original));
    if (group.size() < 2) {
      return node;
    }
    NodePtr& whole = made[key_of(original)];
    if (whole == nullptr) {
      whole = stacked(group, node->input(0));
    }
    int64_t begin = 0;
    for (const NodePtr& member : group) {
      const int64_t rows = member->shape()[-1].to_int();
      if (member == original) {
        return ops::make(tensor::kSlice, {whole}, {{"begin", begin}, {"end", begin + rows}},
                         node->shape());
      }
      begin += rows;
    }
    return node;
  });
}

}  // namespace pio::plan
