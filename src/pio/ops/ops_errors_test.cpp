// SPDX-License-Identifier: Apache-2.0
// What each op refuses, and how it says so: what came, what was wanted.
#include <gtest/gtest.h>

#include "pio/ops/ops_test_support.h"

namespace pio::ops {
namespace {

using namespace testing_support;  // NOLINT(google-build-using-namespace): a test

TEST(OpErrors, Linear) {
  expect_refused({
      {[] { return linear(floats({2, 4}), floats({8})); }, "[linear] got weight [8], expected [out, in]"},
      {[] { return linear(floats({2, 4}), floats({8, 5})); }, "expected x [..., 5]"},
      {[] { return linear(ids(4), floats({8, 4})); }, "[linear] got x of dtype i32, expected f32"},
      {[] { return linear(floats({2, 4}), ids(8).reshape({2, 4})); }, "[linear] got weight of dtype i32"},
      {[] { return linear(floats({2, 4}), floats({8, 4}), floats({4})); }, "got bias [4], expected [8]"},
      {[] { return linear(floats({2, 4}), floats({8, 4}), ids(8)); }, "[linear] got bias of dtype i32"},
  });
}

TEST(OpErrors, EmbeddingAndGather) {
  expect_refused({
      {[] { return embedding(floats({3}), floats({8, 4})); }, "[embedding] got ids of dtype f32, expected i32"},
      {[] { return embedding(ids(3), floats({8})); }, "[embedding] got weight [8], expected [vocab, dim]"},
      {[] { return embedding(ids(3), ids(8).reshape({2, 4})); }, "[embedding] got weight of dtype i32"},
      {[] { return gather_rows(floats({2, 3}), ids(1)); }, "[gather_rows] got x [2, 3], expected [1, rows, ...]"},
      {[] { return gather_rows(floats({1, 3}), floats({1})); }, "[gather_rows] got index [1] f32"},
  });
}

TEST(OpErrors, NormSoftmaxAndElements) {
  expect_refused({
      {[] { return rms_norm(ids(4), std::nullopt); }, "[rms_norm] got x of dtype i32"},
      {[] { return rms_norm(floats({2, 4}), floats({2})); }, "[rms_norm] got weight [2], expected [4]"},
      {[] { return rms_norm(floats({2, 4}), ids(4)); }, "[rms_norm] got weight of dtype i32"},
      {[] { return softmax(ids(4)); }, "[softmax] got x of dtype i32"},
      {[] { return softmax(floats({})); }, "[softmax] got a scalar"},
      {[] { return silu(ids(4)); }, "[silu] got x of dtype i32"},
      {[] { return floats({2, 4}) + floats({2}); }, "[add] got [2, 4] and [2]"},
      {[] { return floats({4}) * ids(4); }, "[mul] got b of dtype i32"},
  });
}

TEST(OpErrors, Views) {
  expect_refused({
      {[] { return floats({2, 3}).reshape({5}); }, "[reshape] got [2, 3], which has not the size of [5]"},
      {[] { return traced({1, kRows, 4}).reshape({4, 8}); }, "[reshape] got [1, rows<=8, 4]"},
      {[] { return floats({2, 3}).slice_last(1, 4); }, "[slice] got columns 1 to 4 of [2, 3]"},
      {[] { return floats({2, 3}).slice_last(2, 1); }, "[slice] got columns 2 to 1"},
  });
}

TEST(OpErrors, Rope) {
  expect_refused({
      {[] { return rope(floats({2, 4})); }, "[rope] got x [2, 4], expected [batch, seq, heads, head_dim]"},
      {[] { return rope(ids(16).reshape({1, 2, 2, 4})); }, "[rope] got x of dtype i32"},
      {[] { return rope(floats({1, 2, 2, 8}), {.dims = 10}); }, "[rope] got dims 10 of head_dim 8"},
      {[] { return rope(floats({1, 2, 2, 8}), {.dims = 3}); }, "[rope] got 3 rotated dims"},
      {[] { return rope(floats({1, 2, 1, 1026})); }, "[rope] got head_dim 1026, expected at most 1024"},
      {[] { return rope(floats({1, 2, 2, 8}), {.positions = ids(3)}); }, "[rope] got positions [3] i32"},
      {[] { return rope(traced({2, kRows, 2, 8})); }, "[trace] rope got x [2, rows<=8, 2, 8]"},
      {[] { return rope(floats({1, 2, 2, 8}), {.theta = 0.0}); }, "[rope] got theta 0"},
  });
  EXPECT_NO_THROW(static_cast<void>(rope(floats({1, 2, 1, 1024}))));
}

Tensor attend(const Shape& q, const Shape& kv, const AttentionOptions& options = {}) {
  return scaled_dot_product_attention(floats(q), floats(kv), floats(kv), options);
}

TEST(OpErrors, Attention) {
  const Shape shape({1, 3, 2, 8});
  expect_refused({
      {[] { return attend({3, 2, 8}, {3, 2, 8}); }, "expected [batch, seq, heads, head_dim] each"},
      {[] { return attend({1, 3, 2, 8}, {1, 3, 2, 4}); }, "which do not fit together"},
      {[] { return attend({1, 3, 3, 8}, {1, 3, 2, 8}); }, "expected q's heads to be a multiple of k's"},
      {[] { return attend({1, 1, 1, 1025}, {1, 1, 1, 1025}); }, "expected head dims of at most 1024"},
      {[=] { return attend(shape, shape, {.window = 2}); }, "[attention] got a window without is_causal"},
      {[=] { return attend(shape, shape, {.is_causal = true, .window = 0}); }, "got window 0, expected at least 1"},
      {[=] { return attend(shape, shape, {.softcap = -1.0f}); }, "got softcap -1, expected above 0"},
      {[=] { return attend(shape, shape, {.sinks = floats({3})}); }, "got sinks [3], expected [2]"},
      {[=] { return attend(shape, shape, {.sinks = ids(2)}); }, "got sinks of dtype i32"},
      {[=] { return attend(shape, shape, {.mask = floats({3, 4})}); }, "got mask [3, 4], expected [3, 3]"},
      {[] { return attend({1, 3, 2, 8}, {1, 2, 2, 8}, {.is_causal = true}); }, "got 2 keys for 3 causal queries"},
      {[=] {
         const Tensor i32 = ids(48).reshape(shape);
         return scaled_dot_product_attention(floats(shape), i32, floats(shape));
       },
       "[attention] got k of dtype i32"},
  });
  EXPECT_NO_THROW(static_cast<void>(attend({1, 1, 1, 1024}, {1, 1, 1, 1024})));
}

TEST(OpErrors, AttentionInATrace) {
  const auto rows = [] { return traced({1, kRows, 2, 8}); };
  expect_refused({
      {[=] { return scaled_dot_product_attention(rows(), rows(), rows()); },
       "[trace] attention on the rows of a batch must be causal"},
      {[=] {
         const Tensor past = floats({1, 8, 2, 8});
         return scaled_dot_product_attention(rows(), past, past, {.is_causal = true});
       },
       "[trace] attention got q [1, rows<=8, 2, 8] and k [1, 8, 2, 8]"},
  });
}

}  // namespace
}  // namespace pio::ops
