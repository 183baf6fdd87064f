// SPDX-License-Identifier: Apache-2.0
#include "pio/kernels/work.h"

#include <gtest/gtest.h>

#include "pio/kernels/params.h"

namespace pio::kernels {
namespace {

Launch launch(KernelId kernel, const void* params) {
  return {.run = nullptr, .tasks = nullptr, .params = params, .kernel = kernel};
}

TEST(Work, OfAMatmulIsItsWeightsAndTwoOpsAProduct) {
  MatmulParams p{};
  p.out_features = 64;
  p.in_features = 256;
  p.rows = {.fixed = 3};
  const Work ints = work_of(launch(KernelId::k_matmul_q4_0, &p));
  EXPECT_EQ(ints.weight_bytes, 64 * 256 / 32 * 18);
  EXPECT_EQ(ints.dot_ops, 2 * 64 * 256 * 3);
  EXPECT_EQ(ints.float_ops, 0);
  EXPECT_EQ(ints.value_bytes, 3 * (activation_row_bytes(256) + 64 * 4));
  const Work floats = work_of(launch(KernelId::k_matmul_f16, &p));
  EXPECT_EQ(floats.weight_bytes, 64 * 256 * 2);
  EXPECT_EQ(floats.float_ops, 2 * 64 * 256 * 3);
  EXPECT_EQ(floats.value_bytes, 3 * (256 * 4 + 64 * 4));
  const Work halves = work_of(launch(KernelId::k_matmul_bf16, &p));
  EXPECT_EQ(halves.weight_bytes, 64 * 256 * 2);
  EXPECT_EQ(halves.float_ops, 0);
  EXPECT_EQ(halves.bf16_ops, 2 * 64 * 256 * 3);
  EXPECT_EQ(halves.value_bytes, 3 * (256 * 2 + 64 * 4));
  EXPECT_EQ(describe(launch(KernelId::k_matmul_bf16, &p)), "matmul_bf16 64x256");
  p.rows = {.fixed = 0};
  EXPECT_EQ(work_of(launch(KernelId::k_matmul_q4_0, &p)).bytes(), 0);
}

TEST(Work, OfAttentionReadsTheCacheOnceForEachSequence) {
  const int32_t positions[] = {4, 5, 99};
  const int32_t sequences[] = {0, 0, 1};
  AttentionParams p{};
  p.rows = {.fixed = 3};
  p.heads = 4;
  p.kv = {.type = KvType::kF16, .kv_heads = 2, .head_dim = 8, .value_dim = 8};
  p.kv.positions = positions;
  p.kv.sequence = sequences;
  const Work all = work_of(launch(KernelId::k_attention, &p));
  EXPECT_EQ(all.cache_bytes, (6 + 100) * 2 * (8 + 8) * 2);
  EXPECT_EQ(all.float_ops, (5 + 6 + 100) * 2 * 4 * (8 + 8));
  p.window = 10;
  EXPECT_EQ(work_of(launch(KernelId::k_attention, &p)).cache_bytes, (6 + 10) * 2 * (8 + 8) * 2);
}

TEST(Work, OfAttentionMergeReadsTheParts) {
  const int32_t position = 1023;
  float room = 0;
  AttentionParams p{};
  p.rows = {.fixed = 1};
  p.heads = 4;
  p.kv = {.type = KvType::kF16, .kv_heads = 2, .head_dim = 8, .value_dim = 40};
  p.kv.positions = &position;
  EXPECT_EQ(work_of(launch(KernelId::k_attention_merge, &p)).bytes(), 0);
  p.parts = &room;
  p.part_rows = 2;
  EXPECT_EQ(work_of(launch(KernelId::k_attention_merge, &p)).value_bytes, 2 * 4 * (16 + 48) * 4);
}

TEST(Work, OfDenseAttentionIsWhatItsQueriesSee) {
  DenseAttentionParams p{};
  p.batch = {.fixed = 2};
  p.seq = {.fixed = 3};
  p.keys = {.fixed = 5};
  p.heads = 4;
  p.kv_heads = 2;
  p.head_dim = p.value_dim = 8;
  const Work all = work_of(launch(KernelId::k_dense_attention, &p));
  EXPECT_EQ(all.float_ops, 2 * 2 * (3 * 5) * 4 * (8 + 8));
  EXPECT_EQ(all.value_bytes, 2 * (3 * 4 + 5 * 2) * (8 + 8) * 4);
  p.causal = true;
  EXPECT_EQ(work_of(launch(KernelId::k_dense_attention, &p)).float_ops,
            2 * 2 * (3 + 4 + 5) * 4 * (8 + 8));
  p.window = 4;
  EXPECT_EQ(work_of(launch(KernelId::k_dense_attention, &p)).float_ops,
            2 * 2 * (3 + 4 + 4) * 4 * (8 + 8));
}

TEST(Work, OfArraysReadsWhatIsRepeatedOnce) {
  BatchMatmulParams p{};
  p.a_batch_stride = 6;
  p.batch = {.fixed = 5};
  p.m = {.fixed = 2};
  p.k = 3;
  p.n = 4;
  const Work product = work_of(launch(KernelId::k_batch_matmul, &p));
  EXPECT_EQ(product.float_ops, 2 * 5 * 2 * 3 * 4);
  EXPECT_EQ(product.value_bytes, 4 * (5 * 2 * 3 + 3 * 4 + 5 * 2 * 4));
  const float x = 0;
  ElementParams sum{};
  sum.a = sum.b = &x;
  sum.rows = {.fixed = 3};
  sum.dim = 10;
  EXPECT_EQ(work_of(launch(KernelId::k_element, &sum)).value_bytes, 3 * 10 * 3 * 4);
  sum.b_step = 0;
  EXPECT_EQ(work_of(launch(KernelId::k_element, &sum)).value_bytes, 3 * 10 * 2 * 4);
}

TEST(Work, AddsUp) {
  Work sum{.weight_bytes = 1, .cache_bytes = 2, .value_bytes = 3, .dot_ops = 4, .float_ops = 5, .bf16_ops = 6};
  sum += sum;
  EXPECT_EQ(sum.bytes(), 12);
  EXPECT_EQ(sum.dot_ops, 8);
  EXPECT_EQ(sum.float_ops, 10);
  EXPECT_EQ(sum.bf16_ops, 12);
}

}  // namespace
}  // namespace pio::kernels
