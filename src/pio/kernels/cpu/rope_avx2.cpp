// SPDX-License-Identifier: Apache-2.0
#include "pio/kernels/cpu/simd16_avx2.h"
// The vocabulary comes first.
#include "pio/kernels/cpu/rope.inl.h"

namespace pio::kernels {

void rope_avx2(const RopeParams& p, int64_t begin, int64_t end) noexcept {
  rope_rows(p, begin, end);
}

void kv_write_avx2(const KvWriteParams& p, int64_t begin, int64_t end) noexcept {
  kv_write_rows(p, begin, end);
}

void rope_kv_avx2(const RopeKvParams& p, int64_t begin, int64_t end) noexcept {
  rope_kv_rows(p, begin, end);
}

}  // namespace pio::kernels
