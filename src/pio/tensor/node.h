// SPDX-License-Identifier: Apache-2.0
// Graph nodes: immutable, shared, each one op over its inputs.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "pio/base/dtype.h"
#include "pio/base/shape.h"
#include "pio/tensor/attrs.h"
#include "pio/tensor/slot.h"

namespace pio::tensor {

/// What the passes may assume of an op. One constant per op, compared by address.
struct OpDef {
  std::string_view name;
  /// Row r of the result depends on row r of the first `row_inputs` inputs and on nothing else of them; rows
  /// are all dims up to the named one.
  int row_inputs = 0;
  bool is_leaf = false;  ///< no step computes it: a parameter, constant, stack or step input
  bool is_view = false;  ///< its value lies inside its input's
};

class Node;
using NodePtr = std::shared_ptr<const Node>;

/// One op applied to its inputs, with the shape and dtype of the result.
class Node {
 public:
  Node(const OpDef& op, std::vector<NodePtr> inputs, Attrs attrs, Shape shape, DType dtype,
       std::shared_ptr<Slot> slot = nullptr)
      : op_(&op),
        inputs_(std::move(inputs)),
        attrs_(std::move(attrs)),
        shape_(std::move(shape)),
        dtype_(dtype),
        slot_(std::move(slot)) {}

  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;
  /// Chains of any length: inputs that only this node held are released one by one, not recursively.
  ~Node();

  [[nodiscard]] const OpDef& op() const noexcept { return *op_; }
  [[nodiscard]] bool is(const OpDef& op) const noexcept { return op_ == &op; }
  [[nodiscard]] const std::vector<NodePtr>& inputs() const noexcept { return inputs_; }
  [[nodiscard]] const NodePtr& input(size_t i) const { return inputs_.at(i); }
  [[nodiscard]] const Attrs& attrs() const noexcept { return attrs_; }
  [[nodiscard]] const Shape& shape() const noexcept { return shape_; }
  [[nodiscard]] DType dtype() const noexcept { return dtype_; }
  /// The source of a parameter or constant, else null.
  [[nodiscard]] const std::shared_ptr<Slot>& slot() const noexcept { return slot_; }

 private:
  const OpDef* op_;
  std::vector<NodePtr> inputs_;
  Attrs attrs_;
  Shape shape_;
  DType dtype_;
  std::shared_ptr<Slot> slot_;
};

/// Every node that `roots` need, each once and behind its inputs; roots in order decide the order.
[[nodiscard]] std::vector<NodePtr> topological(std::span<const NodePtr> roots);

}  // namespace pio::tensor
