// SPDX-License-Identifier: Apache-2.0
// Products of computed matrices. One by a packed weight is linear.
#include <algorithm>

#include "pio/ops/broadcast.h"
#include "pio/ops/checks.h"
#include "pio/ops/op_defs.h"
#include "pio/ops/ops.h"
#include "pio/ops/step_builder.h"
#include "pio/ops/strided.h"

namespace pio::ops {

const OpDef kMatmul{.name = "matmul", .row_inputs = 2};

namespace {

Shape batch_of(const Shape& shape) {
  return Shape(std::vector<Dim>(shape.dims().begin(), shape.dims().end() - 2));
}

Shape with_matrix(const Shape& batch, const Dim& rows, const Dim& cols) {
  std::vector<Dim> dims = batch.dims();
  dims.push_back(rows);
  dims.push_back(cols);
  return Shape(std::move(dims));
}

// Whether there is one matrix.
bool is_single(const Shape& shape) {
  return std::ranges::all_of(batch_of(shape).dims(), [](const Dim& dim) { return !dim.is_named() && dim.capacity() == 1; });
}

// A batch of `batch`'s size, or one matrix for all of it.
NodePtr batched(const Tensor& x, const Shape& batch) {
  return is_single(x.shape()) ? x.node() : expand(x, with_matrix(batch, x.dim(-2), x.dim(-1))).node();
}

}  // namespace

Tensor matmul(const Tensor& a, const Tensor& b) {
  expect_dtype("matmul", "a", a);
  expect_dtype("matmul", "b", b);
  PIO_CHECK(a.shape().rank() >= 2 && b.shape().rank() >= 2, "[matmul] got ", a.shape().to_string(), " and ",
            b.shape().to_string(), ", expected [..., m, k] and [..., k, n]");
  PIO_CHECK(a.dim(-1).to_int() == b.dim(-2).to_int(), "[matmul] got ", a.shape().to_string(), " and ",
            b.shape().to_string(), ", expected [..., m, k] and [..., k, n] with one k");
  const int64_t n = b.dim(-1).to_int();
  const Shape batch = broadcast_shape("matmul", batch_of(a.shape()), batch_of(b.shape()));
  const Shape shape = with_matrix(batch, a.dim(-2), n);
  expect_strided("matmul", shape);
  return Tensor(make(kMatmul, {batched(a, batch), batched(b, batch)}, {}, shape));
}

namespace {

void lower(const NodePtr& node, StepBuilder& builder) {
  Call<kernels::BatchMatmulParams> call{kernels::KernelId::k_batch_matmul};
  auto& p = call.params;
  const NodePtr& left = node->input(0);
  const NodePtr& right = node->input(1);
  const RowsView a = builder.rows(left, -1);
  const RowsView b = builder.rows(right, -1);
  call.bind(p.a, a.ref);
  p.a_stride = a.stride();
  call.bind(p.b, b.ref);
  p.b_stride = b.stride();
  p.k = a.cols;
  p.n = b.cols;
  if (is_single(right->shape())) {
    call.bind(p.batch, 1);
    call.bind(p.m, a.rows);
  } else {
    const int64_t m = left->shape()[-2].to_int();
    call.bind(p.batch, node->shape().product(0, node->shape().rank() - 2));
    call.bind(p.m, m);
    p.a_batch_stride = is_single(left->shape()) ? 0 : m * p.a_stride;
    p.b_batch_stride = p.k * p.b_stride;
  }
  call.bind(p.out, builder.result(-1).ref);
  builder.emit(call);
}

}  // namespace

extern const OpLowering matmul_lowering{&kMatmul, &lower};

}  // namespace pio::ops
