// SPDX-License-Identifier: Apache-2.0
// Arrays with a stride per axis, and copies between them: what slice, permute, expand and concat lower to.
#pragma once

#include <string_view>
#include <vector>

#include "pio/ops/step_builder.h"

namespace pio::ops {

/// Where the elements of a value lie; strides count elements of 4 bytes. What a stride in front of a named dim is
/// does not matter: only dims of 1 stand there.
struct StridedArray {
  Ref ref;
  std::vector<int64_t> strides;  ///< one per axis

  /// Starts at element `index` of `axis`.
  void advance(int axis, int64_t index);
};

/// The split for StepBuilder::rows that leaves the last axis whole; a last axis that is named is rows too.
[[nodiscard]] int last_axis_split(const Shape& shape);

/// The value of `node`, not copied if it is a slice of the last axis.
[[nodiscard]] StridedArray strided(const NodePtr& node, StepBuilder& builder);
/// Dense room for the result of `node`, which is being lowered.
[[nodiscard]] StridedArray strided_result(const NodePtr& node, StepBuilder& builder);

/// Emits the copy of all elements of `shape` from x to out.
void emit_copy(const Shape& shape, const StridedArray& x, const StridedArray& out, StepBuilder& builder);

/// Errors: kInvalidArgument "[op] ..." above kernels::kMaxCopyAxes axes; "[trace] ..." unless a named dim has only
/// dims of 1 before it.
void expect_strided(std::string_view op, const Shape& shape);

}  // namespace pio::ops
