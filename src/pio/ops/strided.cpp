// SPDX-License-Identifier: Apache-2.0
#include "pio/ops/strided.h"

#include "pio/base/error.h"
#include "pio/ops/op_defs.h"

namespace pio::ops {
namespace {

// Strides of dims [0, axes), the last of them `stride`.
void fill_outer(const Shape& shape, int axes, int64_t stride, std::vector<int64_t>& out) {
  for (int axis = axes - 1; axis >= 0; --axis) {
    out[static_cast<size_t>(axis)] = stride;
    stride *= shape[axis].capacity();
  }
}

struct CopyAxis {
  Dim size;
  int64_t x_stride, out_stride;
};

// The axes that matter: without dims of 1, neighbours that both arrays step through evenly joined.
std::vector<CopyAxis> joined_axes(const Shape& shape, const StridedArray& x, const StridedArray& out) {
  std::vector<CopyAxis> axes;
  for (int i = 0; i < shape.rank(); ++i) {
    const CopyAxis axis{shape[i], x.strides[static_cast<size_t>(i)], out.strides[static_cast<size_t>(i)]};
    if (!axis.size.is_named() && axis.size.to_int() == 1) {
      continue;
    }
    const int64_t size = axis.size.capacity();
    CopyAxis* last = axes.empty() ? nullptr : &axes.back();
    if (last != nullptr && !last->size.is_named() && last->x_stride == axis.x_stride * size &&
        last->out_stride == axis.out_stride * size) {
      *last = {last->size * axis.size, axis.x_stride, axis.out_stride};
    } else {
      axes.push_back(axis);
    }
  }
  return axes;
}

}  // namespace

void StridedArray::advance(int axis, int64_t index) {
  constexpr int64_t kElementBytes = 4;
  ref.offset += index * strides[static_cast<size_t>(axis)] * kElementBytes;
}

int last_axis_split(const Shape& shape) {
  const int rank = shape.rank();
  return rank > 0 && !shape[-1].is_named() ? rank - 1 : rank;
}

StridedArray strided(const NodePtr& node, StepBuilder& builder) {
  const Shape& shape = node->shape();
  const int split = last_axis_split(shape);
  const RowsView rows = builder.rows(node, split);
  StridedArray out{rows.ref, std::vector<int64_t>(static_cast<size_t>(shape.rank()), 1)};
  fill_outer(shape, split, rows.stride(), out.strides);
  return out;
}

StridedArray strided_result(const NodePtr& node, StepBuilder& builder) {
  const Shape& shape = node->shape();
  StridedArray out{builder.result(0).ref, std::vector<int64_t>(static_cast<size_t>(shape.rank()), 1)};
  fill_outer(shape, shape.rank(), 1, out.strides);
  return out;
}

void emit_copy(const Shape& shape, const StridedArray& x, const StridedArray& out, StepBuilder& builder) {
  Call<kernels::CopyStridedParams> call{kernels::KernelId::k_copy_strided};
  auto& p = call.params;
  std::vector<CopyAxis> axes = joined_axes(shape, x, out);
  if (axes.empty() || (axes.size() == 1 && !axes[0].size.is_named())) {
    axes.insert(axes.begin(), {1, 0, 0});
  }
  if (axes.size() == 1) {
    axes.push_back({1, 1, 1});
  }
  call.bind(p.x, x.ref);
  call.bind(p.out, out.ref);
  call.bind(p.rows, axes[0].size);
  p.x_row_stride = axes[0].x_stride;
  p.out_row_stride = axes[0].out_stride;
  p.axes = static_cast<int64_t>(axes.size()) - 1;
  for (size_t i = 1; i < axes.size(); ++i) {
    p.sizes[i - 1] = axes[i].size.to_int();
    p.x_strides[i - 1] = axes[i].x_stride;
    p.out_strides[i - 1] = axes[i].out_stride;
  }
  builder.emit(call);
}

void expect_strided(std::string_view op, const Shape& shape) {
  PIO_CHECK(shape.rank() <= kernels::kMaxCopyAxes, "[", op, "] got ", shape.to_string(), ", expected at most ",
            kernels::kMaxCopyAxes, " axes");
  const int split = row_split(shape);
  if (split > 0) {
    const Dim before = shape.product(0, split - 1);
    PIO_CHECK(before.capacity() == 1, "[trace] ", op, " got or gave ", shape.to_string(),
              ": only dims of 1 may stand before ", shape[split - 1].to_string(),
              "; keep it in front, as in [batch, seq, heads, head_dim]");
  }
}

}  // namespace pio::ops
