// SPDX-License-Identifier: Apache-2.0
// What the element-wise and rearranging ops refuse, and what they make of shapes.
#include "pio/base/error.h"
#include "pio/ops/op_defs.h"
#include "pio/ops/ops_test_support.h"

namespace pio::ops {
namespace {

using namespace testing_support;  // NOLINT(google-build-using-namespace): a test

TEST(ArrayOpErrors, Elements) {
  expect_refused({
      {[] { return floats({2, 4}) - floats({3}); }, "[sub] got [2, 4] and [3], expected shapes that broadcast"},
      {[] { return floats({2, 1, 3}) / floats({4, 2}); }, "[div] got [2, 1, 3] and [4, 2]"},
      {[] { return minimum(floats({2}), ids(2)); }, "[minimum] got b of dtype i32, expected f32"},
      {[] { return maximum(ids(2), floats({2})); }, "[maximum] got a of dtype i32, expected f32"},
      {[] { return ids(2) + ids(2); }, "[add] got a of dtype i32, expected f32"},
      {[] { return eq(floats({2}), ids(2)); }, "[eq] got a of dtype f32 and b of dtype i32, expected one dtype"},
      {[] { return ge(floats({2}), floats({3})); }, "[ge] got [2] and [3]"},
      {[] { return gt(floats({2}), ids(2)); }, "[gt] got a of dtype f32 and b of dtype i32"},
      {[] { return gt(traced({2}, DType::kI8), traced({2}, DType::kI8)); }, "[gt] got a of dtype i8, expected f32 or i32"},
      {[] { return where(floats({2}), floats({2}), ids(2)); }, "[where] got a of dtype f32 and b of dtype i32"},
      {[] { return where(floats({3}), floats({2}), floats({2})); }, "[where] got [3] and [2]"},
      {[] { return where(traced({2}, DType::kI8), ids(2), ids(2)); }, "[where] got condition of dtype i8"},
      {[] { return exp(ids(2)); }, "[exp] got x of dtype i32, expected f32"},
      {[] { return -ids(2); }, "[neg] got x of dtype i32"},
      {[] { return gelu(ids(2), "tanh"); }, "[gelu] got x of dtype i32"},
      {[] { return gelu(floats({2}), "exact"); }, "[gelu] got approximate \"exact\", expected \"none\" or \"tanh\""},
      {[] { return pow(floats({2}), std::numeric_limits<float>::infinity()); }, "[pow] got exponent inf"},
      {[] { return pow(ids(2), 2.0f); }, "[pow] got x of dtype i32"},
      {[] { return clamp(floats({2}), std::nullopt); }, "[clamp] got no bound"},
      {[] { return clamp(floats({2}), 2.0f, 1.0f); }, "[clamp] got low 2 and high 1, expected low <= high"},
      {[] { return clamp(floats({2}), std::numeric_limits<float>::quiet_NaN()); }, "[clamp] got low nan"},
      {[] { return to(floats({2}), DType::kF16); }, "[to] got dtype f16, expected f32 or i32"},
      {[] { return to(traced({2}, DType::kI8), DType::kF32); }, "[to] got x of dtype i8"},
      {[] { return scalar(1.0, DType::kBool); }, "[scalar] got dtype bool, expected f32 or i32"},
      {[] { return scalar(1.5, DType::kI32); }, "[scalar] got 1.5 for i32, expected a whole number"},
      {[] { return scalar(3e9, DType::kI32); }, "[scalar] got 3e+09 for i32"},
  });
}

TEST(ArrayOpErrors, Rearranging) {
  const Shape nine(std::vector<Dim>(9, Dim(2)));
  const Tensor x = floats({2, 3});
  expect_refused({
      {[=] { return slice(x, 2, 0, 1); }, "[slice] got axis 2 of [2, 3], expected one of its 2 axes"},
      {[=] { return slice(x, -3, 0, 1); }, "[slice] got axis -3 of [2, 3]"},
      {[=] { return slice(x, 0, 1, 3); }, "[slice] got 1 to 3 by 1 of axis 0 of [2, 3], expected 0 <= begin <= end <= 2"},
      {[=] { return slice(x, 1, -1, 3); }, "[slice] got -1 to 3"},
      {[=] { return slice(x, 1, 2, 1); }, "[slice] got 2 to 1"},
      {[=] { return slice(x, 1, 0, 3, 0); }, "by 0 of axis 1"},
      {[=] { return slice(traced({2}, DType::kI8), 0, 0, 1); }, "[slice] got x of dtype i8, expected f32 or i32"},
      {[=] { return slice(floats(nine), 0, 0, 1); }, "expected at most 8 axes"},
      {[=] { return permute(x, {0}); }, "[permute] got axes [0] for [2, 3], expected each of its axes once"},
      {[=] { return permute(x, {1, -1}); }, "[permute] got axes [1, -1] for [2, 3]"},
      {[=] { return permute(x, {0, 2}); }, "[permute] got axis 2 of [2, 3]"},
      {[=] { return transpose(x, 0, 2); }, "[transpose] got axis 2 of [2, 3]"},
      {[=] { return transpose(floats(nine), 0, 1); }, "[permute] got [2, 2, 2, 2, 2, 2, 2, 2, 2], expected at most 8"},
      {[=] { return expand(x, {3, 3}); }, "[expand] got [2, 3], expected one that broadcasts to [3, 3]"},
      {[=] { return expand(x, {3}); }, "[expand] got [2, 3]"},
      {[=] { return expand(floats({}), nine); }, "[expand] got [2, 2, 2, 2, 2, 2, 2, 2, 2], expected at most 8"},
      {[] { return concat({}, 0); }, "[concat] got no tensors"},
      {[=] { return concat({x, floats({2, 4})}, 0); }, "[concat] got [2, 3] and [2, 4], expected shapes that differ on axis 0"},
      {[=] { return concat({x, floats({2})}, 0); }, "[concat] got [2, 3] and [2]"},
      {[=] { return concat({x, x}, 2); }, "[concat] got axis 2"},
      {[=] { return concat({floats({2}), ids(2)}, 0); }, "[concat] got a tensor of dtype i32, expected f32"},
      {[=] { return concat({floats(nine), floats(nine)}, 0); }, "expected at most 8"},
  });
}

TEST(ArrayOpErrors, InATrace) {
  const auto rows = [](const Shape& shape) { return traced(shape); };
  expect_refused({
      {[=] { return rows({1, kRows, 4}) + floats({1, 8, 4}); }, "[trace] dim rows<=8 has no value while tracing"},
      {[=] { return rows({1, kRows, 4}) * rows({1, kRows * 2, 4}); }, "[mul] got [1, rows<=8, 4] and [1, 2*rows<=16, 4]"},
      {[=] { return slice(rows({1, kRows, 4}), 1, 0, 1); }, "[trace] dim rows<=8 has no value while tracing"},
      {[=] { return concat({rows({1, kRows, 4}), rows({1, kRows, 4})}, 1); }, "[trace] dim rows<=8 has no value"},
      {[=] { return concat({rows({1, kRows, 4}), rows({1, kRows, 4})}, 0); },
       "[trace] concat got or gave [2, rows<=8, 4]: only dims of 1 may stand before rows<=8"},
      {[=] { return transpose(rows({1, kRows, 2, 4}), 1, 2); }, "[trace] permute got or gave [1, 2, rows<=8, 4]"},
      {[=] { return expand(rows({1, kRows, 4}), {3, kRows, 4}); }, "[trace] expand got or gave [3, rows<=8, 4]"},
      {[=] { return expand(rows({1, kRows, 4}), {1, 1, 4}); }, "[trace] dim rows<=8 has no value"},
  });
}

TEST(ArrayOps, ShapesOfResults) {
  EXPECT_EQ((floats({2, 1, 3}) + floats({4, 1})).shape(), Shape({2, 4, 3}));
  EXPECT_EQ((2.0f * traced({1, kRows, 4})).shape(), Shape({1, kRows, 4}));
  EXPECT_EQ((traced({1, kRows, 2, 4}) * traced({1, kRows, 1, 4})).shape(), Shape({1, kRows, 2, 4}));
  EXPECT_EQ(where(traced({kRows, 1}), floats({4}), scalar(0)).shape(), Shape({kRows, 4}));
  EXPECT_EQ(eq(ids(3), scalar(0, DType::kI32)).dtype(), DType::kF32);
  EXPECT_EQ(where(floats({3}), ids(3), scalar(0, DType::kI32)).dtype(), DType::kI32);
  EXPECT_EQ(slice(floats({2, 7}), -1, 1, 7, 3).shape(), Shape({2, 2}));
  EXPECT_EQ(permute(floats({2, 3, 4}), {2, 0, 1}).shape(), Shape({4, 2, 3}));
  EXPECT_EQ(permute(traced({1, kRows, 2, 4}), {0, 1, 3, 2}).shape(), Shape({1, kRows, 4, 2}));
  EXPECT_EQ(expand(traced({kRows, 1}), {1, kRows, 4}).shape(), Shape({1, kRows, 4}));
  EXPECT_EQ(concat({traced({1, kRows, 2}), traced({1, kRows, 3})}, -1).shape(), Shape({1, kRows, 5}));
}

// What needs no copy makes no op.
TEST(ArrayOps, ViewsStayViews) {
  const Tensor x = floats({2, 3, 4});
  EXPECT_TRUE(slice(x, -1, 1, 3).node()->is(tensor::kSlice));
  EXPECT_EQ(slice(x, 1, 0, 3).node(), x.node());
  EXPECT_TRUE(slice(x, -1, 0, 4, 2).node()->is(kStridedSlice));
  EXPECT_TRUE(permute(floats({2, 1, 4}), {1, 0, 2}).node()->is(tensor::kReshape));
  EXPECT_TRUE(transpose(traced({1, kRows, 4}), 0, 1).node()->is(tensor::kReshape));
  EXPECT_EQ(permute(x, {0, 1, 2}).node(), x.node());
  EXPECT_EQ(expand(x, x.shape()).node(), x.node());
  EXPECT_EQ(concat({x}, 0).node(), x.node());
  EXPECT_EQ(to(x, DType::kF32).node(), x.node());
  // Operands: a vector, a column, one element and leading dims of 1 are read where they lie.
  for (const Shape& shape : {Shape({4}), Shape({2, 3, 1}), Shape({1}), Shape({}), Shape({1, 1, 4}), Shape({1, 1, 1})}) {
    const Tensor sum = x + floats(shape);
    EXPECT_FALSE(sum.node()->input(1)->is(kExpand)) << shape.to_string();
  }
  EXPECT_TRUE((x + floats({3, 1})).node()->input(1)->is(kExpand));
  EXPECT_FALSE((traced({1, kRows}) + traced({kRows})).node()->input(1)->is(kExpand));
}

}  // namespace
}  // namespace pio::ops
