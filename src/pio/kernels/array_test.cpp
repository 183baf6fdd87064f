// SPDX-License-Identifier: Apache-2.0
// Element-wise operations with every step of their operands, on all instruction sets, and strided copies.
#include <gtest/gtest.h>

#include "pio/kernels/kernel_test_support.h"
#include "pio/kernels/params.h"

namespace pio::kernels {
namespace {

using namespace testing_support;  // NOLINT(google-build-using-namespace): a test

TEST(ElementArrays, SameBitsForEveryOperationAndStep) {
  constexpr int64_t kRows = 3;
  constexpr int64_t kDim = 37;
  const auto a = random_floats(kRows * kDim, 1, 3.0f);
  const auto b = random_floats(kRows * kDim, 2, 3.0f);
  const auto c = random_floats(kRows * kDim, 3, 3.0f);
  for (int op = 0; op <= static_cast<int>(ElementOp::kWhere); ++op) {
    for (const int64_t step : {1, 0}) {
      for (const int64_t stride : {kDim, int64_t{1}, int64_t{0}}) {
        expect_same<float>(
            KernelId::k_element, kRows * kDim,
            [&](float* out) {
              return ElementParams{.op = static_cast<ElementOp>(op),
                                   .a = a.data(),
                                   .a_stride = kDim,
                                   .b = b.data(),
                                   .b_stride = stride,
                                   .rows = {.fixed = kRows},
                                   .dim = kDim,
                                   .out = out,
                                   .out_stride = kDim,
                                   .b_step = step,
                                   .c = c.data(),
                                   .c_stride = stride,
                                   .c_step = step,
                                   .low = -1.0f,
                                   .high = 2.0f};
            },
            text(op, step, stride));
      }
    }
  }
}

TEST(CopyStrided, EveryAxisByStridesOfBothArrays) {
  const std::vector<uint32_t> x = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  std::vector<uint32_t> out(16, 99);
  // Of x as [2, 2, 2, 2] axes 3, 2 and 0 reversed into every second element; axis 1 repeated.
  CopyStridedParams p{.x = x.data(),
                      .out = out.data(),
                      .rows = {.fixed = 2},
                      .x_row_stride = 1,
                      .out_row_stride = 8,
                      .axes = 2,
                      .sizes = {2, 2},
                      .x_strides = {2, 8},
                      .out_strides = {4, 2}};
  const Kernel& copy = kernel(KernelId::k_copy_strided, Isa::kReference);
  run_split(copy, &p, 1);
  EXPECT_EQ(out, (std::vector<uint32_t>{0, 99, 8, 99, 2, 99, 10, 99, 1, 99, 9, 99, 3, 99, 11, 99}));
  p.x_row_stride = 0;
  p.x_strides[1] = 0;
  run_split(copy, &p, 0);
  EXPECT_EQ(out, (std::vector<uint32_t>{0, 99, 0, 99, 2, 99, 2, 99, 0, 99, 0, 99, 2, 99, 2, 99}));
  p.sizes[0] = 0;
  p.x = nullptr;
  run_split(copy, &p, 0);
  p.rows.fixed = 0;
  run_split(copy, &p, 0);
}

TEST(BatchMatmul, SameBits) {
  constexpr int64_t kBatch = 2;
  constexpr int64_t kRows = 3;
  for (const int64_t k : {0, 1, 33}) {
    for (const int64_t n : {1, 15, 16, 63, 64, 147}) {
      const auto a = random_floats(static_cast<size_t>(kBatch * kRows * (k + 1)), 4);
      const auto b = random_floats(static_cast<size_t>(kBatch * k * (n + 2) + 1), 5);
      for (const bool shared : {false, true}) {
        expect_same<float>(
            KernelId::k_batch_matmul, static_cast<size_t>(kBatch * kRows * n),
            [&](float* out) {
              return BatchMatmulParams{.a = a.data(),
                                       .a_stride = k + 1,
                                       .a_batch_stride = kRows * (k + 1),
                                       .b = b.data(),
                                       .b_stride = n + 2,
                                       .b_batch_stride = shared ? 0 : k * (n + 2),
                                       .batch = {.fixed = kBatch},
                                       .m = {.fixed = kRows},
                                       .k = k,
                                       .n = n,
                                       .out = out};
            },
            text(k, n, shared));
      }
    }
  }
}

}  // namespace
}  // namespace pio::kernels
