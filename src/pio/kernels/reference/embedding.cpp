// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include "pio/kernels/kernels.h"
#include "pio/kernels/layouts/packed.h"

namespace pio::kernels {

void embed_rows_reference(const EmbedRowsParams& p, int64_t begin, int64_t end) noexcept {
  for (int64_t r = begin; r < end; ++r) {
    float* out = p.out + r * p.out_stride;
    const int64_t id = p.ids[r];
    if (id < 0 || id >= p.vocab) {
      for (int64_t i = 0; i < p.dim; ++i) {
        out[i] = std::numeric_limits<float>::quiet_NaN();
      }
      continue;
    }
    unpack_row(p.type, p.weight, id, p.dim, out);
    for (int64_t i = 0; i < p.dim; ++i) {
      out[i] *= p.scale;
    }
  }
}

}  // namespace pio::kernels
