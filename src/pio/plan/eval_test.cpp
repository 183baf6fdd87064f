// SPDX-License-Identifier: Apache-2.0
#include "pio/plan/eval.h"

#include <gtest/gtest.h>

#include <cmath>

#include "pio/base/error.h"
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

TEST(Eval, ShapeErrorsNameBothShapes) {
  try {
    static_cast<void>(ops::linear(ramp({1, 3, 40}), ramp({5, 41})));
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("[linear] got x [1, 3, 40] and weight [5, 41]"),
              std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace pio::plan
