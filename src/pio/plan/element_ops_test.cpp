// SPDX-License-Identifier: Apache-2.0
// Values of the element-wise ops against f64, and of every way in which operands broadcast.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "pio/ops/ops.h"
#include "pio/plan/eval.h"

namespace pio::plan {
namespace {

using ops::scalar;
using tensor::Tensor;
using Values = std::vector<float>;

constexpr double kTiny = 1.2e-38;  // workers flush what is below the normal numbers to 0
constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

Tensor vec(const Values& values) { return Tensor(values, {static_cast<int64_t>(values.size())}); }
Tensor ints(const std::vector<int32_t>& values) { return Tensor(values, {static_cast<int64_t>(values.size())}); }
Tensor ramp(const Shape& shape) {
  Values values(static_cast<size_t>(shape.elements()));
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<float>(i) + 1.0f;
  }
  return Tensor(values, shape);
}

struct Function {
  const char* name;
  Tensor (*op)(const Tensor&);
  double (*expected)(double);
  float begin, end;
};

// 77 values: more than a vector register, and a tail.
TEST(ElementOps, FunctionsAreThoseOfF64) {
  const Function functions[] = {
      {"neg", ops::neg, [](double x) { return -x; }, -5, 5},
      {"exp", ops::exp, [](double x) { return std::exp(x); }, -100, 88},
      {"log", ops::log, [](double x) { return std::log(x); }, 1e-3f, 50},
      {"sqrt", ops::sqrt, [](double x) { return std::sqrt(x); }, 0, 50},
      {"rsqrt", ops::rsqrt, [](double x) { return 1 / std::sqrt(x); }, 1e-3f, 50},
      {"abs", ops::abs, [](double x) { return std::fabs(x); }, -5, 5},
      {"sin", ops::sin, [](double x) { return std::sin(x); }, -100, 100},
      {"cos", ops::cos, [](double x) { return std::cos(x); }, -100, 100},
      {"tanh", ops::tanh, [](double x) { return std::tanh(x); }, -5, 5},
      {"sigmoid", ops::sigmoid, [](double x) { return 1 / (1 + std::exp(-x)); }, -90, 20},
      {"relu", ops::relu, [](double x) { return x > 0 ? x : 0; }, -5, 5},
      {"silu", ops::silu, [](double x) { return x / (1 + std::exp(-x)); }, -20, 20},
      {"gelu", [](const Tensor& x) { return ops::gelu(x); }, [](double x) { return 0.5 * x * std::erfc(-x / std::sqrt(2)); }, -9, 9},
      {"gelu tanh", [](const Tensor& x) { return ops::gelu(x, "tanh"); },
       [](double x) { return 0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x))); }, -3, 9},
      {"softplus", ops::softplus, [](double x) { return std::log1p(std::exp(x)); }, -90, 90},
      {"pow", [](const Tensor& x) { return ops::pow(x, 2.4f); }, [](double x) { return std::pow(x, double{2.4f}); }, 0, 9},
      {"square", [](const Tensor& x) { return ops::pow(x, 2.0f); }, [](double x) { return x * x; }, -9, 9},
      {"clamp", [](const Tensor& x) { return ops::clamp(x, -1.5f, 2.5f); },
       [](double x) { return std::fmin(std::fmax(x, -1.5), 2.5); }, -5, 5},
      {"clamp below", [](const Tensor& x) { return ops::clamp(x, -1.5f); }, [](double x) { return std::fmax(x, -1.5); }, -5, 5},
      {"clamp above", [](const Tensor& x) { return ops::clamp(x, std::nullopt, 0.5f); },
       [](double x) { return std::fmin(x, 0.5); }, -5, 5},
  };
  for (const Function& f : functions) {
    Values values(77);
    for (size_t i = 0; i < values.size(); ++i) {
      values[i] = f.begin + (f.end - f.begin) * static_cast<float>(i) / 76.0f;
    }
    const Values got = to_list(f.op(Tensor(values, {7, 11})));
    ASSERT_EQ(got.size(), values.size());
    for (size_t i = 0; i < values.size(); ++i) {
      const double expected = f.expected(static_cast<double>(values[i]));
      EXPECT_NEAR(static_cast<double>(got[i]), expected, std::fabs(expected) * 3.6e-7 + kTiny) << f.name << " of " << values[i];
    }
  }
}

TEST(ElementOps, SpecialValues) {
  EXPECT_EQ(to_list(ops::exp(vec({-kInf, 100.0f, 0.0f}))), (Values{0.0f, kInf, 1.0f}));
  EXPECT_EQ(to_list(ops::log(vec({0.0f, kInf, 1.0f}))), (Values{-kInf, kInf, 0.0f}));
  EXPECT_EQ(to_list(ops::sigmoid(vec({-kInf, kInf}))), (Values{0.0f, 1.0f}));
  EXPECT_EQ(to_list(ops::softplus(vec({-kInf, kInf}))), (Values{0.0f, kInf}));
  EXPECT_EQ(to_list(ops::pow(vec({0.0f, -2.0f, 4.0f}), -3.0f)), (Values{kInf, -0.125f, 0.015625f}));
  for (const Tensor& x : {ops::log(vec({-1.0f})), ops::sqrt(vec({-1.0f})), ops::sin(vec({kInf})), ops::clamp(vec({kNan}), 0.0f),
                          ops::relu(vec({kNan})), ops::maximum(vec({kNan}), vec({1.0f})),
                          ops::minimum(vec({1.0f}), vec({kNan})), ops::gelu(vec({kNan}))}) {
    EXPECT_TRUE(std::isnan(item(x)));
  }
}

TEST(ElementOps, OperatorsAndNumbers) {
  const Tensor x = vec({1, 2, 4});
  const Tensor y = vec({8, -2, 0.5f});
  EXPECT_EQ(to_list(x + y), (Values{9, 0, 4.5f}));
  EXPECT_EQ(to_list(x - y), (Values{-7, 4, 3.5f}));
  EXPECT_EQ(to_list(x * y), (Values{8, -4, 2}));
  EXPECT_EQ(to_list(x / y), (Values{0.125f, -1, 8}));
  EXPECT_EQ(to_list(-x), (Values{-1, -2, -4}));
  EXPECT_EQ(to_list(x + 1.0f), (Values{2, 3, 5}));
  EXPECT_EQ(to_list(x - 1.0f), (Values{0, 1, 3}));
  EXPECT_EQ(to_list(x * 2.0f), (Values{2, 4, 8}));
  EXPECT_EQ(to_list(x / 2.0f), (Values{0.5f, 1, 2}));
  EXPECT_EQ(to_list(1.0f + x), (Values{2, 3, 5}));
  EXPECT_EQ(to_list(1.0f - x), (Values{0, -1, -3}));
  EXPECT_EQ(to_list(2.0f * x), (Values{2, 4, 8}));
  EXPECT_EQ(to_list(8.0f / x), (Values{8, 4, 2}));
  EXPECT_EQ(to_list(ops::minimum(x, y)), (Values{1, -2, 0.5f}));
  EXPECT_EQ(to_list(ops::maximum(x, y)), (Values{8, 2, 4}));
  EXPECT_EQ(to_list(scalar(2) * scalar(3)), (Values{6}));
  EXPECT_EQ(item(2.0f * scalar(1.5)), 3.0f);
}

TEST(ElementOps, Broadcasting) {
  // [2, 3, 4] beside each shape: element (i, j, k) of x is 12 i + 4 j + k + 1.
  const Tensor x = ramp({2, 3, 4});
  const auto expect = [&](const Shape& shape, auto at) {
    const Tensor other = ramp(shape);
    Values left;
    Values right;
    for (int i = 0; i < 24; ++i) {
      const auto value = static_cast<float>(i + 1);
      const auto operand = static_cast<float>(at(i / 12, i / 4 % 3, i % 4) + 1);
      left.push_back(value - operand);
      right.push_back(operand / value);
    }
    EXPECT_EQ(to_list(x - other), left) << shape.to_string();
    EXPECT_EQ(to_list(other / x), right) << shape.to_string();
  };
  expect({2, 3, 4}, [](int i, int j, int k) { return 12 * i + 4 * j + k; });
  expect({4}, [](int, int, int k) { return k; });
  expect({1}, [](int, int, int) { return 0; });
  expect({}, [](int, int, int) { return 0; });
  expect({2, 3, 1}, [](int i, int j, int) { return 3 * i + j; });
  expect({3, 1}, [](int, int j, int) { return j; });
  expect({2, 1, 4}, [](int i, int, int k) { return 4 * i + k; });
  expect({2, 1, 1}, [](int i, int, int) { return i; });
  expect({3, 4}, [](int, int j, int k) { return 4 * j + k; });
  expect({1, 1, 4}, [](int, int, int k) { return k; });
  // Neither has the shape of the result.
  EXPECT_EQ(to_list(vec({1, 2}).reshape({2, 1}) - vec({10, 20, 30})), (Values{-9, -19, -29, -8, -18, -28}));
  EXPECT_EQ(to_list(ramp({2, 1, 2}) * ramp({2, 1})), (Values{1, 2, 2, 4, 3, 4, 6, 8}));
  EXPECT_TRUE(to_list(Tensor::ones({0, 3}) + 1.0f).empty());
}

TEST(ElementOps, OperandsMayBeSlices) {
  const Tensor x = ramp({3, 4});
  EXPECT_EQ(to_list(x.slice_last(0, 1) - x.slice_last(2, 3)), (Values{-2, -2, -2}));
  EXPECT_EQ(to_list(x / x.slice_last(1, 2)),
            (Values{0.5f, 1, 1.5f, 2, 5.0f / 6, 1, 7.0f / 6, 8.0f / 6, 0.9f, 1, 1.1f, 1.2f}));
  EXPECT_EQ(to_list(x.slice_last(1, 3) * vec({0, 1, 2, 0}).slice_last(1, 3)), (Values{2, 6, 6, 14, 10, 22}));
}

TEST(ElementOps, ComparisonsOfBothDtypes) {
  const Tensor a = vec({1, 2, 3, kNan});
  const Tensor b = vec({2, 2, 2, kNan});
  // 2^24 + 1 and 2^24 are one number in f32.
  const Tensor i = ints({(1 << 24) + 1, -5, 7});
  const Tensor j = ints({1 << 24, 2, 7});
  EXPECT_EQ(to_list(ops::eq(a, b)), (Values{0, 1, 0, 0}));
  EXPECT_EQ(to_list(ops::ne(a, b)), (Values{1, 0, 1, 1}));
  EXPECT_EQ(to_list(ops::lt(a, b)), (Values{1, 0, 0, 0}));
  EXPECT_EQ(to_list(ops::le(a, b)), (Values{1, 1, 0, 0}));
  EXPECT_EQ(to_list(ops::gt(a, b)), (Values{0, 0, 1, 0}));
  EXPECT_EQ(to_list(ops::ge(a, b)), (Values{0, 1, 1, 0}));
  EXPECT_EQ(to_list(ops::eq(i, j)), (Values{0, 0, 1}));
  EXPECT_EQ(to_list(ops::ne(i, j)), (Values{1, 1, 0}));
  EXPECT_EQ(to_list(ops::lt(i, j)), (Values{0, 1, 0}));
  EXPECT_EQ(to_list(ops::le(i, j)), (Values{0, 1, 1}));
  EXPECT_EQ(to_list(ops::gt(i, j)), (Values{1, 0, 0}));
  EXPECT_EQ(to_list(ops::ge(i, scalar(7, DType::kI32))), (Values{1, 0, 1}));
}

TEST(ElementOps, Where) {
  EXPECT_EQ(to_list(ops::where(vec({1, 0, -2}), vec({1, 2, 3}), vec({10, 20, 30}))), (Values{1, 20, 3}));
  EXPECT_EQ(to_list(ops::where(ints({0, 5}), scalar(1), vec({7, 8}))), (Values{7, 1}));
  // A column of conditions, values of i32 that f32 could not carry as numbers.
  const Tensor picked = ops::where(vec({0, 1}).reshape({2, 1}), ints({INT32_MIN, 0x7f800001}), scalar(-1, DType::kI32));
  EXPECT_EQ(picked.dtype(), DType::kI32);
  EXPECT_EQ(to_list(ops::eq(picked, Tensor(std::vector<int32_t>{-1, -1, INT32_MIN, 0x7f800001}, {2, 2}))),
            (Values{1, 1, 1, 1}));
}

TEST(ElementOps, Casts) {
  const Tensor cut = ops::to(vec({1.9f, -1.9f, 0.0f, 3e9f, kNan}), DType::kI32);
  EXPECT_EQ(cut.dtype(), DType::kI32);
  const Tensor expected = ints({1, -1, 0, INT32_MIN, INT32_MIN});
  EXPECT_EQ(to_list(ops::eq(cut, expected)), (Values{1, 1, 1, 1, 1}));
  EXPECT_EQ(to_list(ops::to(ints({3, -7}), DType::kF32) * 0.5f), (Values{1.5f, -3.5f}));
}

}  // namespace
}  // namespace pio::plan
