// SPDX-License-Identifier: Apache-2.0
#include "pio/kernels/cpu/simd16_avx2.h"
// The vocabulary comes first.
#include "pio/kernels/cpu/rows.inl.h"

namespace pio::kernels {

void rms_norm_avx2(const RmsNormParams& p, int64_t begin, int64_t end) noexcept {
  rms_norm_rows(p, begin, end);
}

void quant_rows_avx2(const QuantRowsParams& p, int64_t begin, int64_t end) noexcept {
  quant_rows_of(p, begin, end);
}

void rms_norm_quant_avx2(const RmsNormQuantParams& p, int64_t begin, int64_t end) noexcept {
  rms_norm_quant_rows(p, begin, end);
}

void element_avx2(const ElementParams& p, int64_t begin, int64_t end) noexcept {
  element_rows(p, begin, end);
}

void softmax_avx2(const SoftmaxParams& p, int64_t begin, int64_t end) noexcept {
  softmax_rows(p, begin, end);
}

void batch_matmul_avx2(const BatchMatmulParams& p, int64_t begin, int64_t end) noexcept {
  batch_matmul_rows(p, begin, end);
}

}  // namespace pio::kernels
