// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "pio/kernels/kernel_test_support.h"
#include "pio/kernels/params.h"

namespace pio::kernels {
namespace {

using namespace testing_support;  // NOLINT(google-build-using-namespace): a test

// x: 4 rows of 3 in a stride of 5; out: rows of 3 in a stride of 4, guards of 0.
struct CopyRows {
  std::vector<float> x;
  std::vector<float> out;
  CopyRows() : x(20), out(4 * 4, 0.0f) {
    for (size_t i = 0; i < x.size(); ++i) {
      x[i] = static_cast<float>(i);
    }
  }
  void run(const int32_t* index, int64_t x_rows) {
    const CopyRowsParams p{.x = reinterpret_cast<const std::byte*>(x.data()),
                           .x_stride_bytes = 5 * 4,
                           .x_rows = {.fixed = x_rows},
                           .index = index,
                           .rows = {.fixed = 4},
                           .row_bytes = 3 * 4,
                           .out = reinterpret_cast<std::byte*>(out.data()),
                           .out_stride_bytes = 4 * 4};
    run_split(kernel(KernelId::k_copy_rows, Isa::kReference), &p, 1);
  }
};

TEST(CopyRows, InOrderWithoutAnIndex) {
  CopyRows copy;
  copy.run(nullptr, 0);
  EXPECT_EQ(copy.out, (std::vector<float>{0, 1, 2, 0, 5, 6, 7, 0, 10, 11, 12, 0, 15, 16, 17, 0}));
}

TEST(CopyRows, ByIndex) {
  CopyRows copy;
  const int32_t index[] = {3, 0, 0, 2};
  copy.run(index, 4);
  EXPECT_EQ(copy.out, (std::vector<float>{15, 16, 17, 0, 0, 1, 2, 0, 0, 1, 2, 0, 10, 11, 12, 0}));
}

TEST(CopyRows, AnIndexOutsideGivesNan) {
  CopyRows copy;
  const int32_t index[] = {-1, 1, 3, 1 << 30};
  copy.run(index, 3);
  for (const size_t row : {0, 2, 3}) {
    EXPECT_TRUE(std::isnan(copy.out[4 * row]) && std::isnan(copy.out[4 * row + 2])) << row;
    EXPECT_EQ(copy.out[4 * row + 3], 0.0f);
  }
  EXPECT_EQ(copy.out[4], 5.0f);
}

}  // namespace
}  // namespace pio::kernels
