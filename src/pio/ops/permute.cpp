// SPDX-License-Identifier: Apache-2.0
#include <numeric>
#include <string>

#include "pio/ops/checks.h"
#include "pio/ops/op_defs.h"
#include "pio/ops/shape_ops.h"
#include "pio/ops/strided.h"

namespace pio::ops {

const OpDef kPermute{.name = "permute", .row_inputs = 1};

namespace {

std::string to_string(const std::vector<int>& axes) {
  std::string out;
  for (const int axis : axes) {
    out += pio::concat(out.empty() ? "" : ", ", axis);
  }
  return "[" + out + "]";
}

// Whether the elements keep their order: only dims of 1 move.
bool is_reshape(const Shape& from, const std::vector<int>& axes) {
  int last = -1;
  for (const int axis : axes) {
    if (from[axis].is_named() || from[axis].to_int() != 1) {
      if (axis < last) {
        return false;
      }
      last = axis;
    }
  }
  return true;
}

}  // namespace

Tensor permute(const Tensor& x, const std::vector<int>& axes) {
  expect_number("permute", "x", x);
  const auto rank = static_cast<size_t>(x.shape().rank());
  PIO_CHECK(axes.size() == rank, "[permute] got axes ", to_string(axes), " for ", x.shape().to_string(),
            ", expected each of its axes once");
  std::vector<bool> seen(rank, false);
  std::vector<int> order;
  std::vector<Dim> dims;
  std::string digits;
  for (const int given : axes) {
    const int axis = axis_of("permute", x.shape(), given);
    PIO_CHECK(!seen[static_cast<size_t>(axis)], "[permute] got axes ", to_string(axes), " for ", x.shape().to_string(),
              ", expected each of its axes once");
    seen[static_cast<size_t>(axis)] = true;
    order.push_back(axis);
    dims.push_back(x.dim(axis));
    digits += std::to_string(axis);
  }
  const Shape shape(std::move(dims));
  if (is_reshape(x.shape(), order)) {
    return shape == x.shape() ? x : x.reshape(shape);
  }
  expect_strided("permute", x.shape());
  expect_strided("permute", shape);
  return Tensor(make(kPermute, {x.node()}, {{"axes", digits}}, shape, x.dtype()));
}

Tensor transpose(const Tensor& x, int a, int b) {
  std::vector<int> axes(static_cast<size_t>(x.shape().rank()));
  std::iota(axes.begin(), axes.end(), 0);
  std::swap(axes[static_cast<size_t>(axis_of("transpose", x.shape(), a))],
            axes[static_cast<size_t>(axis_of("transpose", x.shape(), b))]);
  return permute(x, axes);
}

namespace {

void lower(const NodePtr& node, StepBuilder& builder) {
  const StridedArray x = strided(node->input(0), builder);
  StridedArray turned{x.ref, {}};
  for (const char digit : node->attrs().get_string("axes")) {
    turned.strides.push_back(x.strides[static_cast<size_t>(digit - '0')]);
  }
  emit_copy(node->shape(), turned, strided_result(node, builder), builder);
}

}  // namespace

extern const OpLowering permute_lowering{&kPermute, &lower};

}  // namespace pio::ops
