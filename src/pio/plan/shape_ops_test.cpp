// SPDX-License-Identifier: Apache-2.0
// Values of slice, permute, expand and concat against index arithmetic.
#include <gtest/gtest.h>

#include <array>

#include "pio/ops/ops.h"
#include "pio/plan/eval.h"

namespace pio::plan {
namespace {

using tensor::Tensor;
using Values = std::vector<float>;

// i32 values 0, 1, 2 ... : what moves is bits.
Tensor count(const Shape& shape) {
  std::vector<int32_t> values(static_cast<size_t>(shape.elements()));
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<int32_t>(i);
  }
  return Tensor(values, shape);
}

TEST(ShapeOps, Slice) {
  const Tensor x = count({3, 4, 2});
  EXPECT_EQ(ops::slice(x, 0, 1, 3).dtype(), DType::kI32);
  EXPECT_EQ(to_list(ops::slice(x, 0, 1, 2)), (Values{8, 9, 10, 11, 12, 13, 14, 15}));
  EXPECT_EQ(to_list(ops::slice(x, 1, 1, 4, 2)), (Values{2, 3, 6, 7, 10, 11, 14, 15, 18, 19, 22, 23}));
  EXPECT_EQ(to_list(ops::slice(x, 0, 0, 3, 2)), (Values{0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23}));
  EXPECT_EQ(to_list(ops::slice(x, -1, 1, 2)), (Values{1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23}));
  EXPECT_EQ(to_list(ops::slice(count({7}), 0, 1, 7, 3)), (Values{1, 4}));
  EXPECT_TRUE(to_list(ops::slice(x, 1, 2, 2)).empty());
  // Of a view, and a view of it.
  EXPECT_EQ(to_list(ops::slice(count({3, 4}).slice_last(1, 3), 0, 1, 3)), (Values{5, 6, 9, 10}));
  EXPECT_EQ(to_list(ops::slice(count({3, 4}), 0, 1, 3).slice_last(1, 2)), (Values{5, 9}));
}

TEST(ShapeOps, Permute) {
  const std::array<int64_t, 4> size = {2, 3, 4, 5};
  const Tensor x = count({2, 3, 4, 5});
  const std::array<int64_t, 4> stride = {60, 20, 5, 1};
  for (const std::vector<int>& axes : {std::vector{0, 2, 1, 3}, std::vector{3, 2, 1, 0}, std::vector{1, 0, 3, 2},
                                       std::vector{0, 1, 3, 2}, std::vector{2, 3, 0, 1}, std::vector{-1, 0, 1, 2}}) {
    std::array<size_t, 4> at{};
    for (size_t i = 0; i < 4; ++i) {
      at[i] = static_cast<size_t>((axes[i] + 4) % 4);
    }
    Values expected;
    for (int64_t a = 0; a < size[at[0]]; ++a) {
      for (int64_t b = 0; b < size[at[1]]; ++b) {
        for (int64_t c = 0; c < size[at[2]]; ++c) {
          for (int64_t d = 0; d < size[at[3]]; ++d) {
            expected.push_back(static_cast<float>(a * stride[at[0]] + b * stride[at[1]] + c * stride[at[2]] +
                                                  d * stride[at[3]]));
          }
        }
      }
    }
    EXPECT_EQ(to_list(ops::permute(x, axes)), expected);
  }
  EXPECT_EQ(to_list(ops::transpose(count({2, 3}), 0, 1)), (Values{0, 3, 1, 4, 2, 5}));
  EXPECT_EQ(to_list(ops::transpose(count({2, 1, 3}), 0, 1)), (Values{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(to_list(ops::transpose(count({2, 4}).slice_last(1, 3), -1, -2)), (Values{1, 5, 2, 6}));
  EXPECT_EQ(to_list(ops::transpose(count({2, 2, 2, 1, 2, 2, 1, 2}), 0, 7).reshape({64}).slice_last(0, 4)),
            (Values{0, 32, 2, 34}));
}

TEST(ShapeOps, Expand) {
  EXPECT_EQ(to_list(ops::expand(count({2, 1}), {2, 3})), (Values{0, 0, 0, 1, 1, 1}));
  EXPECT_EQ(to_list(ops::expand(count({3}), {2, 3})), (Values{0, 1, 2, 0, 1, 2}));
  EXPECT_EQ(to_list(ops::expand(count({2, 1, 2}), {2, 2, 2, 2})), (Values{0, 1, 0, 1, 2, 3, 2, 3, 0, 1, 0, 1, 2, 3, 2, 3}));
  EXPECT_EQ(to_list(ops::expand(ops::scalar(5), {2, 2})), (Values{5, 5, 5, 5}));
  EXPECT_EQ(to_list(ops::expand(count({1}), {1, 1})), (Values{0}));
  EXPECT_TRUE(to_list(ops::expand(count({1, 3}), {0, 3})).empty());
  EXPECT_EQ(to_list(ops::expand(count({2, 4}).slice_last(1, 2), {2, 2})), (Values{1, 1, 5, 5}));
}

TEST(ShapeOps, Concat) {
  const Tensor a = count({2, 2});
  const Tensor b = Tensor(std::vector<int32_t>{7, 8, 9, 10}, {2, 2});
  EXPECT_EQ(to_list(ops::concat({a, b}, 0)), (Values{0, 1, 2, 3, 7, 8, 9, 10}));
  EXPECT_EQ(to_list(ops::concat({a, b, a}, 1)), (Values{0, 1, 7, 8, 0, 1, 2, 3, 9, 10, 2, 3}));
  EXPECT_EQ(to_list(ops::concat({count({2, 1, 2}), count({2, 2, 2})}, -2)), (Values{0, 1, 0, 1, 2, 3, 2, 3, 4, 5, 6, 7}));
  EXPECT_EQ(to_list(ops::concat({count({0}), count({2}), count({1})}, 0)), (Values{0, 1, 0}));
  EXPECT_EQ(to_list(ops::concat({count({2, 4}).slice_last(2, 4), a}, 1)), (Values{2, 3, 0, 1, 6, 7, 2, 3}));
  // Half of a head turned against the other, as rotary positions are often written.
  const Tensor x = Tensor(Values{1, 2, 3, 4}, {1, 4});
  EXPECT_EQ(to_list(ops::concat({-x.slice_last(2, 4), x.slice_last(0, 2)}, -1)), (Values{-3, -4, 1, 2}));
}

}  // namespace
}  // namespace pio::plan
