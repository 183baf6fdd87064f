// SPDX-License-Identifier: Apache-2.0
#include "pio/kernels/cpu/matmul.inl.h"
#include "pio/kernels/cpu/matmul_bf16.inl.h"
#include "pio/kernels/cpu/matmul_float.inl.h"
#include "pio/kernels/cpu/simd_matmul_avx2.h"
#include "pio/kernels/kernels.h"

namespace pio::kernels {

void matmul_f32_avx2(const MatmulParams& p, int64_t begin, int64_t end) noexcept {
  run_tasks<Avx2, FloatKernel<Avx2, ElementF32>>(p, begin, end);
}
void matmul_f16_avx2(const MatmulParams& p, int64_t begin, int64_t end) noexcept {
  run_tasks<Avx2, FloatKernel<Avx2, ElementF16>>(p, begin, end);
}
void matmul_bf16_avx2(const MatmulParams& p, int64_t begin, int64_t end) noexcept {
  run_tasks<Avx2, WidenedKernel<Avx2>>(p, begin, end);
}

}  // namespace pio::kernels
