// SPDX-License-Identifier: Apache-2.0
#include "pio/kernels/cpu/matmul.inl.h"
#include "pio/kernels/cpu/matmul_int.inl.h"
#include "pio/kernels/cpu/simd_matmul_avx2.h"
#include "pio/kernels/kernels.h"

namespace pio::kernels {

void matmul_q8_0_avx2(const MatmulParams& p, int64_t begin, int64_t end) noexcept {
  run_tasks<Avx2, IntKernel<Avx2, FormatQ8_0>>(p, begin, end);
}
void matmul_q6_k_avx2(const MatmulParams& p, int64_t begin, int64_t end) noexcept {
  run_tasks<Avx2, IntKernel<Avx2, FormatQ6_K>>(p, begin, end);
}

}  // namespace pio::kernels
