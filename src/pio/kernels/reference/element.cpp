// SPDX-License-Identifier: Apache-2.0
#include <bit>
#include <cmath>

#include "pio/kernels/kernels.h"
#include "pio/kernels/scalar_math.h"
#include "pio/kernels/sin_cos.h"
#include "pio/kernels/wide_math.h"

namespace pio::kernels {
namespace {

// A range of rows of one call; each form applies f to every element.
struct Rows {
  const ElementParams& p;
  int64_t begin, end;

  template <class F>
  void unary(const F& f) const noexcept {
    for (int64_t r = begin; r < end; ++r) {
      const float* a = p.a + r * p.a_stride;
      float* out = p.out + r * p.out_stride;
      for (int64_t i = 0; i < p.dim; ++i) {
        out[i] = f(a[i]);
      }
    }
  }
  // f of the f64 value, rounded to f32.
  template <class F>
  void wide_unary(const F& f) const noexcept {
    unary([&](float a) { return static_cast<float>(f(static_cast<double>(a))); });
  }
  template <class F>
  void binary(const F& f) const noexcept {
    for (int64_t r = begin; r < end; ++r) {
      const float* a = p.a + r * p.a_stride;
      const float* b = p.b + r * p.b_stride;
      float* out = p.out + r * p.out_stride;
      if (p.a_step == 1 && p.b_step == 1) {
        for (int64_t i = 0; i < p.dim; ++i) {
          out[i] = f(a[i], b[i]);
        }
      } else if (p.a_step == 1 && p.b_step == 0 && p.dim > 0) {  // x * 2: apart, for the compiler's vectors
        const float one = *b;
        for (int64_t i = 0; i < p.dim; ++i) {
          out[i] = f(a[i], one);
        }
      } else {
        for (int64_t i = 0; i < p.dim; ++i) {
          out[i] = f(a[i * p.a_step], b[i * p.b_step]);
        }
      }
    }
  }
  template <class F>
  void compare(const F& f) const noexcept {
    binary([&](float a, float b) { return f(a, b) ? 1.0f : 0.0f; });
  }
  template <class F>
  void compare_i32(const F& f) const noexcept {
    compare([&](float a, float b) { return f(std::bit_cast<int32_t>(a), std::bit_cast<int32_t>(b)); });
  }
  void where() const noexcept {
    for (int64_t r = begin; r < end; ++r) {
      const float* a = p.a + r * p.a_stride;
      const float* b = p.b + r * p.b_stride;
      const float* c = p.c + r * p.c_stride;
      float* out = p.out + r * p.out_stride;
      for (int64_t i = 0; i < p.dim; ++i) {
        out[i] = a[i * p.a_step] != 0.0f ? b[i * p.b_step] : c[i * p.c_step];
      }
    }
  }
};

// Of two numbers the first for which `first` holds; NaN if either is.
template <class F>
float pick(float a, float b, const F& first) noexcept {
  return first(a, b) || a != a ? a : b;
}

double gelu(double x) noexcept { return 0.5 * x * wide::erfc(x * -0.70710678118654752); }
double gelu_tanh(double x) noexcept {
  // 1 + tanh(y) as 2 / (1 + e^-2y): no digits are lost below zero.
  const double y = 0.79788456080286536 * (x + 0.044715 * x * x * x);
  return x / (1.0 + wide::exp(-2.0 * y));
}
double softplus(double x) noexcept {
  const double tail = wide::log1p(wide::exp(-std::fabs(x)));
  return x > 0.0 ? x + tail : tail;
}
float to_i32(float x) noexcept { return std::bit_cast<float>(round_to_int32(std::trunc(x))); }
float to_f32(float x) noexcept { return static_cast<float>(std::bit_cast<int32_t>(x)); }

void run_unary(ElementOp op, const Rows& rows) noexcept {
  const ElementParams& p = rows.p;
  switch (op) {
    case ElementOp::kSilu:
      return rows.unary([](float x) { return silu_f32(x); });
    case ElementOp::kNeg:
      return rows.unary([](float x) { return -x; });
    case ElementOp::kSqrt:
      return rows.unary([](float x) { return std::sqrt(x); });
    case ElementOp::kRsqrt:
      return rows.unary([](float x) { return 1.0f / std::sqrt(x); });
    case ElementOp::kAbs:
      return rows.unary([](float x) { return std::fabs(x); });
    case ElementOp::kRelu:
      return rows.unary([](float x) { return x < 0.0f ? 0.0f : x; });
    case ElementOp::kClamp:
      return rows.unary([&p](float x) { return x < p.low ? p.low : x > p.high ? p.high : x; });
    case ElementOp::kToI32:
      return rows.unary(to_i32);
    case ElementOp::kToF32:
      return rows.unary(to_f32);
    case ElementOp::kSin:
      return rows.unary([](float x) { return static_cast<float>(sin_cos(x).sin); });
    case ElementOp::kCos:
      return rows.unary([](float x) { return static_cast<float>(sin_cos(x).cos); });
    case ElementOp::kExp:
      return rows.wide_unary(wide::exp);
    case ElementOp::kLog:
      return rows.wide_unary(wide::log);
    case ElementOp::kTanh:
      return rows.wide_unary(wide::tanh);
    case ElementOp::kSigmoid:
      return rows.wide_unary([](double x) { return 1.0 / (1.0 + wide::exp(-x)); });
    case ElementOp::kGelu:
      return rows.wide_unary(gelu);
    case ElementOp::kGeluTanh:
      return rows.wide_unary(gelu_tanh);
    case ElementOp::kSoftplus:
      return rows.wide_unary(softplus);
    case ElementOp::kPow:
      return rows.wide_unary([&p](double x) { return wide::pow(x, static_cast<double>(p.low)); });
    default:
      return;
  }
}

void run_comparison(ElementOp op, const Rows& rows) noexcept {
  switch (op) {
    case ElementOp::kEq:
      return rows.compare([](float a, float b) { return a == b; });
    case ElementOp::kNe:
      return rows.compare([](float a, float b) { return a != b; });
    case ElementOp::kLt:
      return rows.compare([](float a, float b) { return a < b; });
    case ElementOp::kLe:
      return rows.compare([](float a, float b) { return a <= b; });
    case ElementOp::kEqI32:
      return rows.compare_i32([](int32_t a, int32_t b) { return a == b; });
    case ElementOp::kNeI32:
      return rows.compare_i32([](int32_t a, int32_t b) { return a != b; });
    case ElementOp::kLtI32:
      return rows.compare_i32([](int32_t a, int32_t b) { return a < b; });
    case ElementOp::kLeI32:
      return rows.compare_i32([](int32_t a, int32_t b) { return a <= b; });
    default:
      return;
  }
}

}  // namespace

void element_reference(const ElementParams& p, int64_t begin, int64_t end) noexcept {
  const Rows rows{p, begin, end};
  switch (p.op) {
    case ElementOp::kAdd:
      return rows.binary([](float a, float b) { return a + b; });
    case ElementOp::kMul:
      return rows.binary([](float a, float b) { return a * b; });
    case ElementOp::kSiluMul:
      return rows.binary([](float a, float b) { return silu_f32(a) * b; });
    case ElementOp::kSub:
      return rows.binary([](float a, float b) { return a - b; });
    case ElementOp::kDiv:
      return rows.binary([](float a, float b) { return a / b; });
    case ElementOp::kMinimum:
      return rows.binary([](float a, float b) { return pick(a, b, [](float x, float y) { return x < y; }); });
    case ElementOp::kMaximum:
      return rows.binary([](float a, float b) { return pick(a, b, [](float x, float y) { return x > y; }); });
    case ElementOp::kWhere:
      return rows.where();
    default:
      run_comparison(p.op, rows);
      run_unary(p.op, rows);
  }
}

}  // namespace pio::kernels
