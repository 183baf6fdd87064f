// SPDX-License-Identifier: Apache-2.0
#include "pio/kernels/cpu/simd16_avx512.h"
// The vocabulary comes first.
#include "pio/kernels/cpu/attention.inl.h"
#include "pio/kernels/cpu/attention_sources.inl.h"
#include "pio/kernels/cpu/attention_tasks.inl.h"

namespace pio::kernels {

void attention_avx512(const AttentionParams& p, int64_t begin, int64_t end) noexcept {
  attention_tasks_in(p, begin, end);
}

void attention_merge_avx512(const AttentionParams& p, int64_t begin, int64_t end) noexcept {
  attention_merge_tasks_in(p, begin, end);
}

void dense_attention_avx512(const DenseAttentionParams& p, int64_t begin, int64_t end) noexcept {
  dense_attention_tasks_in(p, begin, end);
}

}  // namespace pio::kernels
