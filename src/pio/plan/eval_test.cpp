// SPDX-License-Identifier: Apache-2.0
#include "pio/plan/eval.h"

#include <gtest/gtest.h>

#include <cmath>

#include "pio/base/error.h"
#include "pio/ops/op_defs.h"
#include "pio/ops/ops.h"

namespace pio::plan {
namespace {

using tensor::Tensor;

Tensor ramp(const Shape& shape, float scale = 0.01f) {
  std::vector<float> values(static_cast<size_t>(shape.elements()));
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = scale * static_cast<float>(static_cast<int>(i * 37 % 101) - 50);
  }
  return Tensor(values, shape);
}

TEST(Eval, ElementwiseAndViews) {
  const Tensor a(std::vector<float>{1, 2, 3, 4, 5, 6}, {2, 3});
  const Tensor b(std::vector<float>{10, 20, 30}, {3});
  EXPECT_EQ(to_list(a + b), (std::vector<float>{11, 22, 33, 14, 25, 36}));
  EXPECT_EQ(to_list((a * a).slice_last(1, 3)), (std::vector<float>{4, 9, 25, 36}));
  EXPECT_EQ(to_list((a + a).slice_last(1, 3).reshape({4}) + Tensor::ones({4})),
            (std::vector<float>{5, 7, 11, 13}));
  EXPECT_EQ(item(Tensor::full({1}, 2.5f)), 2.5f);
}

TEST(Eval, GatherRowsGivesNanForAnIndexOutside) {
  const Tensor x(std::vector<float>{1, 2, 3, 4}, {1, 2, 2});
  const auto got = to_list(ops::gather_rows(x, Tensor(std::vector<int32_t>{1, -1, 2, 0}, {4})));
  EXPECT_EQ(std::vector<float>(got.begin(), got.begin() + 2), (std::vector<float>{3, 4}));
  EXPECT_TRUE(std::isnan(got[2]) && std::isnan(got[3]) && std::isnan(got[4]) && std::isnan(got[5]));
  EXPECT_EQ(std::vector<float>(got.begin() + 6, got.end()), (std::vector<float>{1, 2}));
}

TEST(Eval, LinearIsTheMatrixProduct) {
  const Tensor x = ramp({1, 3, 40});
  const Tensor w = ramp({5, 40}, 0.02f);
  const auto got = to_list(ops::linear(x, w, Tensor::full({5}, 1.0f)));
  const auto xs = to_list(x);
  const auto ws = to_list(w);
  for (size_t r = 0; r < 3; ++r) {
    for (size_t n = 0; n < 5; ++n) {
      double sum = 1.0;
      for (size_t k = 0; k < 40; ++k) {
        sum += static_cast<double>(xs[r * 40 + k]) * static_cast<double>(ws[n * 40 + k]);
      }
      EXPECT_NEAR(got[r * 5 + n], sum, 1e-5);
    }
  }
}

TEST(Eval, NormRopeAttention) {
  const Tensor x = ramp({2, 4, 2, 8});
  const auto normed = to_list(ops::rms_norm(x, std::nullopt, 1e-6f));
  double squares = 0;
  for (size_t i = 0; i < 8; ++i) {
    squares += static_cast<double>(normed[i]) * static_cast<double>(normed[i]);
  }
  EXPECT_NEAR(squares / 8, 1.0, 1e-3);
  const auto rotated = to_list(ops::rope(x));
  const auto plain = to_list(x);
  for (size_t i = 0; i < 16; ++i) {
    EXPECT_EQ(rotated[i], plain[i]);  // position 0 turns nothing
  }
  // One key: attention gives its value whatever the score.
  const auto one = to_list(ops::scaled_dot_product_attention(x, x, x, {.is_causal = true}));
  for (size_t i = 0; i < 16; ++i) {
    EXPECT_NEAR(one[i], plain[i], 1e-6);
  }
}

// Weights may be expressions: 1 + w of a norm, a scaled or reshaped matrix, a sum of biases.
TEST(Eval, ComputedWeights) {
  const Tensor x = ramp({2, 32});
  const Tensor w = ramp({32});
  std::vector<float> one_plus = to_list(w);
  for (float& value : one_plus) {
    value += 1.0f;
  }
  EXPECT_EQ(to_list(ops::rms_norm(x, w + Tensor::ones({32}))),
            to_list(ops::rms_norm(x, Tensor(one_plus, {32}))));
  const Tensor matrix = ramp({4, 32}, 0.02f);
  const Tensor doubled(to_list(matrix + matrix), {4, 32});
  const Tensor bias = ramp({4});
  const Tensor bias_sum(to_list(bias + bias), {4});
  EXPECT_EQ(to_list(ops::linear(x, matrix + matrix, bias + bias)), to_list(ops::linear(x, doubled, bias_sum)));
  EXPECT_EQ(to_list(ops::linear(x, ramp({8, 16}, 0.02f).reshape({4, 32}))), to_list(ops::linear(x, matrix)));
  const Tensor ids(std::vector<int32_t>{3, 0}, {2});
  EXPECT_EQ(to_list(ops::embedding(ids, matrix + matrix)), to_list(ops::embedding(ids, doubled)));
  const Tensor q = ramp({1, 3, 4, 8});
  EXPECT_EQ(to_list(ops::scaled_dot_product_attention(q, q, q, {.sinks = bias + bias})),
            to_list(ops::scaled_dot_product_attention(q, q, q, {.sinks = bias_sum})));
}

TEST(Eval, IntegerTensorsBehindViews) {
  const Tensor ids(std::vector<int32_t>{3, -1, 1 << 24, 7}, {4});
  EXPECT_EQ(to_list(ids.reshape({2, 2})), (std::vector<float>{3, -1, 1 << 24, 7}));
  EXPECT_EQ(to_list(ids.reshape({2, 2}).slice_last(1, 2)), (std::vector<float>{-1, 7}));
}

// Constants of equal bytes in other shapes are other matrices.
TEST(Eval, ConstantsOfOneValueInTwoShapes) {
  const Tensor x = Tensor::ones({1, 8});
  const Tensor y = Tensor::ones({1, 4});
  EXPECT_EQ(to_list(ops::linear(x, Tensor::ones({4, 8})) + ops::linear(y, Tensor::ones({4, 4}))),
            std::vector<float>(4, 12.0f));
  EXPECT_EQ(to_list(ops::linear(x, Tensor::ones({4, 8})) + ops::linear(ops::linear(y, Tensor::ones({8, 4})),
                                                                       Tensor::ones({4, 8}))),
            std::vector<float>(4, 40.0f));
}

TEST(Eval, EmptyTensors) {
  EXPECT_TRUE(to_list(Tensor::full({0}, 1.0f)).empty());
  EXPECT_TRUE(to_list(Tensor::full({0, 3}, 1.0f)).empty());
}

TEST(Eval, LongChainsAreReleased) {
  Tensor x = Tensor::ones({1});
  for (int i = 0; i < 300'000; ++i) {
    x = x + x;
  }
  x = Tensor();
}

TEST(Eval, ItemWantsOneElement) {
  EXPECT_THROW(static_cast<void>(item(Tensor::ones({2}))), Error);
  EXPECT_THROW(static_cast<void>(to_list(Tensor(ops::make(tensor::kInput, {}, {{"name", "ids"}},
                                                          {Dim(DimName::kRows, 8)}, DType::kI32)))),
               Error);
}

}  // namespace
}  // namespace pio::plan
