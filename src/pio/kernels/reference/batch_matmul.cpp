// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "pio/kernels/kernels.h"

namespace pio::kernels {

void batch_matmul_reference(const BatchMatmulParams& p, int64_t begin, int64_t end) noexcept {
  const int64_t m = p.m.get();
  for (int64_t r = begin; r < end; ++r) {
    const float* a = p.a + r / m * p.a_batch_stride + r % m * p.a_stride;
    const float* b = p.b + r / m * p.b_batch_stride;
    float* out = p.out + r * p.n;
    std::fill_n(out, p.n, 0.0f);
    for (int64_t k = 0; k < p.k; ++k) {
      for (int64_t j = 0; j < p.n; ++j) {
        out[j] = std::fma(a[k], b[k * p.b_stride + j], out[j]);
      }
    }
  }
}

}  // namespace pio::kernels
