// SPDX-License-Identifier: Apache-2.0
#include "pio/kernels/cpu/simd16_avx2.h"
// The vocabulary comes first.
#include "pio/kernels/cpu/sample.inl.h"

namespace pio::kernels {

void sample_avx2(const SampleParams& p, int64_t begin, int64_t end) noexcept {
  sample_rows_of(p, begin, end);
}

}  // namespace pio::kernels
