// SPDX-License-Identifier: Apache-2.0
// All element-wise ops: one kernel with an operation code, reading every operand in a RowForm.
#include <cmath>
#include <limits>
#include <span>

#include "pio/ops/broadcast.h"
#include "pio/ops/checks.h"
#include "pio/ops/op_defs.h"
#include "pio/ops/ops.h"
#include "pio/ops/step_builder.h"
#include "pio/ops/strided.h"

namespace pio::ops {

#define PIO_ELEMENT(name_, Id, inputs) const OpDef k##Id{.name = #name_, .row_inputs = inputs};
#include "pio/ops/element_ops.inc"
#undef PIO_ELEMENT

namespace {

using kernels::ElementOp;
using kernels::ElementParams;

Tensor unary(const OpDef& op, const Tensor& x, tensor::Attrs attrs = {}) {
  expect_dtype(op.name, "x", x);
  return Tensor(make(op, {x.node()}, std::move(attrs), x.shape()));
}

Tensor binary(const OpDef& op, const Tensor& a, const Tensor& b) {
  const Shape shape = broadcast_shape(op.name, a.shape(), b.shape());
  return Tensor(make(op, {in_row_form(a, shape).node(), in_row_form(b, shape).node()}, {}, shape));
}

Tensor arithmetic(const OpDef& op, const Tensor& a, const Tensor& b) {
  expect_dtype(op.name, "a", a);
  expect_dtype(op.name, "b", b);
  return binary(op, a, b);
}

// The full operand first, as the vector kernels and the fused passes want it.
Tensor commutative(const OpDef& op, const Tensor& a, const Tensor& b) {
  const bool swap = a.shape().rank() < b.shape().rank();
  return swap ? arithmetic(op, b, a) : arithmetic(op, a, b);
}

void expect_same_numbers(std::string_view name, const Tensor& a, const Tensor& b) {
  expect_number(name, "a", a);
  PIO_CHECK(a.dtype() == b.dtype(), "[", name, "] got a of dtype ", pio::name(a.dtype()), " and b of dtype ",
            pio::name(b.dtype()), ", expected one dtype", way_to(DType::kF32));
}

Tensor comparison(const OpDef& op, const Tensor& a, const Tensor& b) {
  expect_same_numbers(op.name, a, b);
  return binary(op, a, b);
}

// b `op` a, checked as the caller wrote it: gt is lt of the operands exchanged.
Tensor exchanged(const OpDef& op, std::string_view name, const Tensor& a, const Tensor& b) {
  expect_same_numbers(name, a, b);
  static_cast<void>(broadcast_shape(name, a.shape(), b.shape()));
  return binary(op, b, a);
}

ElementOp of_dtype(ElementOp op, DType dtype) {
  if (dtype != DType::kI32) {
    return op;
  }
  switch (op) {
    case ElementOp::kEq:
      return ElementOp::kEqI32;
    case ElementOp::kNe:
      return ElementOp::kNeI32;
    case ElementOp::kLt:
      return ElementOp::kLtI32;
    case ElementOp::kLe:
      return ElementOp::kLeI32;
    default:
      return op;
  }
}

struct Operand {
  Ref ref;
  int64_t stride, step;
};

Operand operand_of(const NodePtr& node, const Shape& result, StepBuilder& builder) {
  const RowForm form = row_form(node->shape(), result);
  const bool per_row = form == RowForm::kSame || form == RowForm::kColumn;
  const RowsView rows = builder.rows(node, per_row ? last_axis_split(result) : 0);
  return {.ref = rows.ref,
          .stride = per_row ? rows.stride() : 0,
          .step = form == RowForm::kSame || form == RowForm::kVector ? 1 : 0};
}

template <ElementOp kOp>
void lower(const NodePtr& node, StepBuilder& builder) {
  Call<ElementParams> call{kernels::KernelId::k_element};
  auto& p = call.params;
  p.op = of_dtype(kOp, node->input(0)->dtype());
  const std::span<const NodePtr> inputs = node->inputs();
  const auto bind = [&](size_t i, const float*& data, int64_t& stride, int64_t& step) {
    if (i < inputs.size()) {
      const Operand operand = operand_of(inputs[i], node->shape(), builder);
      call.bind(data, operand.ref);
      stride = operand.stride;
      step = operand.step;
    }
  };
  bind(0, p.a, p.a_stride, p.a_step);
  bind(1, p.b, p.b_stride, p.b_step);
  bind(2, p.c, p.c_stride, p.c_step);
  if (node->attrs().has("low")) {
    p.low = static_cast<float>(node->attrs().get_double("low"));
    p.high = static_cast<float>(node->attrs().get_double("high"));
  }
  const RowsView out = builder.result(last_axis_split(node->shape()));
  call.bind(p.rows, out.rows);
  p.dim = out.cols;
  call.bind(p.out, out.ref);
  p.out_stride = out.stride();
  builder.emit(call);
}

}  // namespace

Tensor scalar(double value, DType dtype) {
  if (dtype == DType::kF32) {
    return Tensor::full(Shape{}, static_cast<float>(value));
  }
  PIO_CHECK(dtype == DType::kI32, "[scalar] got dtype ", name(dtype), ", expected f32 or i32");
  const bool fits = std::trunc(value) == value && std::fabs(value) <= 2147483647.0;
  PIO_CHECK(fits, "[scalar] got ", value, " for i32, expected a whole number that it holds");
  return Tensor(std::vector<int32_t>{static_cast<int32_t>(value)}, Shape{});
}

Tensor add(const Tensor& a, const Tensor& b) { return commutative(kAdd, a, b); }
Tensor sub(const Tensor& a, const Tensor& b) { return arithmetic(kSub, a, b); }
Tensor mul(const Tensor& a, const Tensor& b) { return commutative(kMul, a, b); }
Tensor div(const Tensor& a, const Tensor& b) { return arithmetic(kDiv, a, b); }
Tensor minimum(const Tensor& a, const Tensor& b) { return commutative(kMinimum, a, b); }
Tensor maximum(const Tensor& a, const Tensor& b) { return commutative(kMaximum, a, b); }

Tensor eq(const Tensor& a, const Tensor& b) { return comparison(kEq, a, b); }
Tensor ne(const Tensor& a, const Tensor& b) { return comparison(kNe, a, b); }
Tensor lt(const Tensor& a, const Tensor& b) { return comparison(kLt, a, b); }
Tensor le(const Tensor& a, const Tensor& b) { return comparison(kLe, a, b); }
Tensor gt(const Tensor& a, const Tensor& b) { return exchanged(kLt, "gt", a, b); }
Tensor ge(const Tensor& a, const Tensor& b) { return exchanged(kLe, "ge", a, b); }

Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b) {
  expect_number("where", "condition", condition);
  expect_same_numbers("where", a, b);
  const Shape branches = broadcast_shape("where", a.shape(), b.shape());
  const Shape shape = broadcast_shape("where", condition.shape(), branches);
  const bool is_f32 = condition.dtype() == DType::kF32;
  const Tensor flag = is_f32 ? condition : ne(condition, scalar(0, DType::kI32));
  return Tensor(make(kWhere,
                     {in_row_form(flag, shape).node(), in_row_form(a, shape).node(), in_row_form(b, shape).node()}, {},
                     shape, a.dtype()));
}

Tensor neg(const Tensor& x) { return unary(kNeg, x); }
Tensor exp(const Tensor& x) { return unary(kExp, x); }
Tensor log(const Tensor& x) { return unary(kLog, x); }
Tensor sqrt(const Tensor& x) { return unary(kSqrt, x); }
Tensor rsqrt(const Tensor& x) { return unary(kRsqrt, x); }
Tensor abs(const Tensor& x) { return unary(kAbs, x); }
Tensor sin(const Tensor& x) { return unary(kSin, x); }
Tensor cos(const Tensor& x) { return unary(kCos, x); }
Tensor tanh(const Tensor& x) { return unary(kTanh, x); }
Tensor sigmoid(const Tensor& x) { return unary(kSigmoid, x); }
Tensor relu(const Tensor& x) { return unary(kRelu, x); }
Tensor silu(const Tensor& x) { return unary(kSilu, x); }
Tensor softplus(const Tensor& x) { return unary(kSoftplus, x); }

Tensor gelu(const Tensor& x, std::string_view approximate) {
  PIO_CHECK(approximate == "none" || approximate == "tanh", "[gelu] got approximate \"", escaped(approximate),
            "\", expected \"none\" or \"tanh\"");
  expect_dtype("gelu", "x", x);
  return unary(approximate == "none" ? kGelu : kGeluTanh, x);
}

Tensor pow(const Tensor& x, float exponent) {
  PIO_CHECK(std::isfinite(exponent), "[pow] got exponent ", exponent, ", expected a finite one");
  expect_dtype("pow", "x", x);
  if (exponent == 2.0f) {
    return mul(x, x);
  }
  return unary(kPow, x, {{"low", static_cast<double>(exponent)}, {"high", 0.0}});
}

Tensor clamp(const Tensor& x, std::optional<float> low, std::optional<float> high) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  PIO_CHECK(low || high, "[clamp] got no bound, expected low, high or both");
  const float from = low.value_or(-kInfinity);
  const float to = high.value_or(kInfinity);
  PIO_CHECK(from <= to, "[clamp] got low ", from, " and high ", to, ", expected low <= high");
  return unary(kClamp, x, {{"low", static_cast<double>(from)}, {"high", static_cast<double>(to)}});
}

Tensor to(const Tensor& x, DType dtype) {
  PIO_CHECK(dtype == DType::kF32 || dtype == DType::kI32, "[to] got dtype ", name(dtype), ", expected f32 or i32");
  expect_number("to", "x", x);
  if (x.dtype() == dtype) {
    return x;
  }
  return Tensor(make(dtype == DType::kI32 ? kToI32 : kToF32, {x.node()}, {}, x.shape(), dtype));
}

#define PIO_ELEMENT(name_, Id, inputs) \
  extern const OpLowering name_##_lowering{&k##Id, &lower<ElementOp::k##Id>};
#include "pio/ops/element_ops.inc"
#undef PIO_ELEMENT

}  // namespace pio::ops

namespace pio::tensor {

Tensor operator-(const Tensor& x) { return ops::neg(x); }
Tensor operator+(const Tensor& a, const Tensor& b) { return ops::add(a, b); }
Tensor operator-(const Tensor& a, const Tensor& b) { return ops::sub(a, b); }
Tensor operator*(const Tensor& a, const Tensor& b) { return ops::mul(a, b); }
Tensor operator/(const Tensor& a, const Tensor& b) { return ops::div(a, b); }
Tensor operator+(const Tensor& a, float b) { return a + ops::scalar(static_cast<double>(b)); }
Tensor operator-(const Tensor& a, float b) { return a - ops::scalar(static_cast<double>(b)); }
Tensor operator*(const Tensor& a, float b) { return a * ops::scalar(static_cast<double>(b)); }
Tensor operator/(const Tensor& a, float b) { return a / ops::scalar(static_cast<double>(b)); }
Tensor operator+(float a, const Tensor& b) { return ops::scalar(static_cast<double>(a)) + b; }
Tensor operator-(float a, const Tensor& b) { return ops::scalar(static_cast<double>(a)) - b; }
Tensor operator*(float a, const Tensor& b) { return ops::scalar(static_cast<double>(a)) * b; }
Tensor operator/(float a, const Tensor& b) { return ops::scalar(static_cast<double>(a)) / b; }

}  // namespace pio::tensor
