// SPDX-License-Identifier: Apache-2.0
#include "pio/kernels/cpu/matmul.inl.h"
#include "pio/kernels/cpu/matmul_bf16.inl.h"
#include "pio/kernels/cpu/matmul_float.inl.h"
#include "pio/kernels/cpu/simd_matmul_avx512.h"
#include "pio/kernels/kernels.h"

namespace pio::kernels {

void matmul_f32_avx512(const MatmulParams& p, int64_t begin, int64_t end) noexcept {
  run_tasks<Avx512, FloatKernel<Avx512, ElementF32>>(p, begin, end);
}
void matmul_f16_avx512(const MatmulParams& p, int64_t begin, int64_t end) noexcept {
  run_tasks<Avx512, FloatKernel<Avx512, ElementF16>>(p, begin, end);
}
void matmul_bf16_avx512(const MatmulParams& p, int64_t begin, int64_t end) noexcept {
  run_tasks<Avx512, WidenedKernel<Avx512>>(p, begin, end);
}

}  // namespace pio::kernels
