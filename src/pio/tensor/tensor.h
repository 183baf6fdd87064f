// SPDX-License-Identifier: Apache-2.0
// The user's handle on a graph node. Nothing is computed until a value is asked for or a model is traced.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "pio/tensor/node.h"

namespace pio::tensor {

/// A lazy value: cheap to copy, immutable.
class Tensor {
 public:
  Tensor() = default;
  explicit Tensor(NodePtr node) : node_(std::move(node)) {}

  /// data: values in row-major order, copied. Errors: kInvalidArgument unless their number fits the shape.
  Tensor(std::span<const float> data, const Shape& shape);
  Tensor(std::span<const int32_t> data, const Shape& shape);
  [[nodiscard]] static Tensor full(const Shape& shape, float value);
  [[nodiscard]] static Tensor zeros(const Shape& shape) { return full(shape, 0.0f); }
  [[nodiscard]] static Tensor ones(const Shape& shape) { return full(shape, 1.0f); }

  [[nodiscard]] bool is_defined() const noexcept { return node_ != nullptr; }
  [[nodiscard]] const NodePtr& node() const noexcept { return node_; }
  [[nodiscard]] const Shape& shape() const { return node_->shape(); }
  /// Dim `axis`; negative counts from the end.
  [[nodiscard]] const Dim& dim(int axis) const { return node_->shape()[axis]; }
  [[nodiscard]] DType dtype() const { return node_->dtype(); }

  /// Same values in another shape; dims may be named. Errors: kInvalidArgument if the sizes differ.
  [[nodiscard]] Tensor reshape(const Shape& shape) const;
  /// Columns [begin, end) of the last axis.
  [[nodiscard]] Tensor slice_last(int64_t begin, int64_t end) const;

 private:
  NodePtr node_;
};

/// The leaf ops and views, which every layer above knows.
extern const OpDef kParameter;  ///< a slot of a module
extern const OpDef kConstant;   ///< values given by the program
extern const OpDef kInput;      ///< a step input; attr name: "ids", "positions", "wanted"
extern const OpDef kReshape;
extern const OpDef kSlice;      ///< attrs begin, end: columns of the last axis

/// A leaf for `slot`.
[[nodiscard]] Tensor parameter(std::shared_ptr<Slot> slot);

}  // namespace pio::tensor
