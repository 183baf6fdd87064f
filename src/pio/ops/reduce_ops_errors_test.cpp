// SPDX-License-Identifier: Apache-2.0
// What reductions, matmul, layer_norm and conv1d refuse, and the shapes that they give.
#include "pio/ops/op_defs.h"
#include "pio/ops/ops_test_support.h"

namespace pio::ops {
namespace {

using namespace testing_support;  // NOLINT(google-build-using-namespace): a test

TEST(ReduceOpErrors, AlongAnAxis) {
  const Tensor x = floats({2, 3});
  const Tensor none = floats({2, 0});
  expect_refused({
      {[=] { return sum(x, 2); }, "[sum] got axis 2 of [2, 3], expected one of its 2 axes"},
      {[] { return sum(floats({}), 0); }, "[sum] got axis 0 of []"},
      {[] { return mean(ids(3), 0); }, "[mean] got x of dtype i32, expected f32"},
      {[=] { return max(none, 1); }, "[max] got [2, 0], expected at least one element on axis 1"},
      {[=] { return min(none, -1); }, "[min] got [2, 0], expected at least one element on axis 1"},
      {[=] { return argmax(none, 1); }, "[argmax] got [2, 0]"},
      {[] { return argmax(traced({3}, DType::kI8), 0); }, "[argmax] got x of dtype i8, expected f32 or i32"},
      {[=] { return softmax(x, -3); }, "[softmax] got axis -3 of [2, 3]"},
      {[=] { return cumsum(x, 2); }, "[cumsum] got axis 2 of [2, 3]"},
      {[] { return cumsum(ids(3), 0); }, "[cumsum] got x of dtype i32"},
      {[] { return sum(traced({1, kRows, 4}), 1); }, "[trace] dim rows<=8 has no value while tracing"},
      {[] { return argmax(traced({kRows}), 0); }, "[trace] dim rows<=8 has no value while tracing"},
      {[] { return softmax(traced({1, kRows, 4}), 1); }, "[trace] dim rows<=8 has no value while tracing"},
      {[] { return cumsum(traced({1, kRows, 4}), 1); }, "[trace] dim rows<=8 has no value while tracing"},
      {[] { return sum(traced({2, kRows, 4}), 0); }, "[trace] permute got or gave [2, rows<=8, 4]: only dims of 1"},
  });
}

TEST(ReduceOpErrors, Matmul) {
  expect_refused({
      {[] { return matmul(ids(4).reshape({2, 2}), floats({2, 2})); }, "[matmul] got a of dtype i32, expected f32"},
      {[] { return matmul(floats({2, 2}), ids(4).reshape({2, 2})); }, "[matmul] got b of dtype i32"},
      {[] { return matmul(floats({2}), floats({2, 2})); }, "[matmul] got [2] and [2, 2], expected [..., m, k] and [..., k, n]"},
      {[] { return matmul(floats({2, 3}), floats({2, 3})); }, "with one k"},
      {[] { return matmul(floats({2, 2, 3}), floats({3, 3, 2})); }, "[matmul] got [2] and [3], expected shapes that broadcast"},
      {[] { return matmul(traced({1, 4, kRows}), floats({8, 2})); }, "[trace] dim rows<=8 has no value"},
      {[] { return matmul(floats({1, 4, 2}), traced({1, 2, kRows})); }, "[trace] dim rows<=8 has no value"},
      {[] { return matmul(traced({kRows, 4}), floats({3, 4, 2})); }, "[trace] matmul got or gave [3, rows<=8, 2]"},
  });
}

TEST(ReduceOpErrors, LayerNormAndConv1d) {
  const Tensor x = floats({2, 4});
  const Tensor signal = floats({1, 4, 5});
  const Tensor kernel = floats({6, 4, 3});
  expect_refused({
      {[] { return layer_norm(floats({})); }, "[layer_norm] got a scalar"},
      {[] { return layer_norm(ids(4)); }, "[layer_norm] got x of dtype i32"},
      {[=] { return layer_norm(x, floats({2})); }, "[layer_norm] got weight [2], expected [4]"},
      {[=] { return layer_norm(x, std::nullopt, floats({1, 4})); }, "[layer_norm] got bias [1, 4], expected [4]"},
      {[=] { return layer_norm(x, ids(4)); }, "[layer_norm] got weight of dtype i32"},
      {[] { return layer_norm(traced({1, kRows})); }, "[trace] dim rows<=8 has no value"},
      {[=] { return conv1d(ids(4).reshape({1, 4, 1}), kernel); }, "[conv1d] got x of dtype i32"},
      {[=] { return conv1d(signal, ids(4).reshape({1, 4, 1})); }, "[conv1d] got weight of dtype i32"},
      {[=] { return conv1d(x, kernel); }, "[conv1d] got x [2, 4] and weight [6, 4, 3], expected [batch, channels, length]"},
      {[=] { return conv1d(signal, floats({6, 3, 3})); }, "[conv1d] got x [1, 4, 5] and weight [6, 3, 3] in 1 groups"},
      {[=] { return conv1d(signal, floats({3, 2, 3}), std::nullopt, 1, 0, 1, 2); }, "in 2 groups, expected weight"},
      {[=] { return conv1d(signal, kernel, floats({4})); }, "[conv1d] got bias [4], expected [6]"},
      {[=] { return conv1d(signal, kernel, ids(6)); }, "[conv1d] got bias of dtype i32"},
      {[=] { return conv1d(signal, kernel, std::nullopt, 0); }, "[conv1d] got stride 0, padding 0"},
      {[=] { return conv1d(signal, kernel, std::nullopt, 1, -1); }, "padding -1"},
      {[=] { return conv1d(signal, kernel, std::nullopt, 1, 0, 0); }, "dilation 0"},
      {[=] { return conv1d(signal, kernel, std::nullopt, 1, 0, 1, 0); }, "groups 0"},
      {[=] { return conv1d(signal, kernel, std::nullopt, 1, 0, 3); }, "[conv1d] got length 5 padded by 0, expected at least the 7"},
      {[=] { return conv1d(signal, floats({6, 4, 0})); }, "that the kernel spans"},
      {[=] { return conv1d(traced({1, 4, kRows}), kernel); }, "[trace] dim rows<=8 has no value"},
  });
}

TEST(ReduceOps, ShapesOfResults) {
  const Tensor x = floats({2, 3, 4});
  EXPECT_EQ(sum(x, 1).shape(), Shape({2, 4}));
  EXPECT_EQ(mean(x, -1, true).shape(), Shape({2, 3, 1}));
  EXPECT_EQ(max(floats({5}), 0).shape(), Shape{});
  EXPECT_EQ(argmax(x, 0, true).shape(), Shape({1, 3, 4}));
  EXPECT_EQ(argmax(x, 0).dtype(), DType::kI32);
  EXPECT_EQ(sum(traced({1, kRows, 4}), -1).shape(), Shape({1, kRows}));
  EXPECT_EQ(sum(traced({1, kRows, 2, 4}), 2, true).shape(), Shape({1, kRows, 1, 4}));
  EXPECT_EQ(sum(traced({1, kRows, 4}), 0).shape(), Shape({kRows, 4}));
  EXPECT_EQ(cumsum(x, 0).shape(), x.shape());
  EXPECT_TRUE(softmax(x, 2).node()->is(kSoftmax));
  EXPECT_EQ(softmax(x, 0).shape(), x.shape());
  EXPECT_EQ(matmul(floats({5, 1, 2, 3}), floats({4, 3, 6})).shape(), Shape({5, 4, 2, 6}));
  EXPECT_EQ(matmul(traced({1, kRows, 3}), floats({3, 6})).shape(), Shape({1, kRows, 6}));
  EXPECT_EQ(matmul(traced({1, kRows, 2, 3}), traced({1, kRows, 3, 6})).shape(), Shape({1, kRows, 2, 6}));
  EXPECT_EQ(conv1d(floats({2, 4, 9}), floats({6, 2, 3}), std::nullopt, 2, 1, 2, 2).shape(), Shape({2, 6, 4}));
  EXPECT_EQ(conv1d(traced({kRows, 4, 9}), floats({6, 4, 9})).shape(), Shape({kRows, 6, 1}));
}

}  // namespace
}  // namespace pio::ops
