// SPDX-License-Identifier: Apache-2.0
// A traced graph: named outputs over immutable nodes, and the tools that passes share.
#pragma once

#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "pio/ops/op_defs.h"

namespace pio::plan {

using tensor::Node;
using tensor::NodePtr;

/// A value that the plan must leave behind.
struct Output {
  std::string name;  ///< "logits", "tokens", "hidden.3"
  NodePtr node;
  bool is_tap = false;  ///< asked for beside the model's own outputs
};

struct Graph {
  std::vector<Output> outputs;
};

/// All nodes, each behind its inputs; outputs in order decide the order.
[[nodiscard]] std::vector<NodePtr> topological(const Graph& graph);

/// The graph as text (tensor/printer.h).
[[nodiscard]] std::string to_text(const Graph& graph);

/// Who reads each node: consumers, with one null entry per output that is the node.
class Uses {
 public:
  explicit Uses(const Graph& graph);
  [[nodiscard]] const std::vector<const Node*>& of(const Node* node) const;
  [[nodiscard]] bool is_single(const NodePtr& node) const { return of(node.get()).size() == 1; }

 private:
  std::unordered_map<const Node*, std::vector<const Node*>> uses_;
};

/// `node` over other inputs, with the same attributes, shape and dtype; itself if they are the same.
[[nodiscard]] NodePtr with_inputs(const NodePtr& node, std::vector<NodePtr> inputs);

/// Rebuilds the graph bottom-up. replace(original, rebuilt) gives the node that takes original's place;
/// rebuilt is original over the replaced inputs.
[[nodiscard]] Graph rewrite(
    const Graph& graph,
    const std::function<NodePtr(const NodePtr& original, const NodePtr& rebuilt)>& replace);

/// Format in memory of a leaf matrix: of the parameter, or of a stack's first.
[[nodiscard]] quant::QuantType packed_type(const NodePtr& leaf);

/// What rows of activations matmuls with weights of this format take.
[[nodiscard]] DType rows_dtype(quant::QuantType type);

}  // namespace pio::plan
