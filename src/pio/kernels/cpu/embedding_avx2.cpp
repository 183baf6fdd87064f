// SPDX-License-Identifier: Apache-2.0
#include "pio/kernels/cpu/simd16_avx2.h"
// The vocabulary comes first.
#include "pio/kernels/cpu/embedding.inl.h"

namespace pio::kernels {

void embed_rows_avx2(const EmbedRowsParams& p, int64_t begin, int64_t end) noexcept {
  embed_rows_of(p, begin, end);
}

}  // namespace pio::kernels
