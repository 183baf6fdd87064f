// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "pio/kernels/kernels.h"
#include "pio/kernels/scalar_math.h"

namespace pio::kernels {

void element_reference(const ElementParams& p, int64_t begin, int64_t end) noexcept {
  for (int64_t r = begin; r < end; ++r) {
    const float* a = p.a + r * p.a_stride;
    const float* b = p.b + r * p.b_stride;
    float* out = p.out + r * p.out_stride;
    for (int64_t i = 0; i < p.dim; ++i) {
      switch (p.op) {
        case ElementOp::kAdd:
          out[i] = a[i] + b[i];
          break;
        case ElementOp::kMul:
          out[i] = a[i] * b[i];
          break;
        case ElementOp::kSilu:
          out[i] = silu_f32(a[i]);
          break;
        case ElementOp::kSiluMul:
          out[i] = silu_f32(a[i]) * b[i];
          break;
      }
    }
  }
}

void copy_rows_reference(const CopyRowsParams& p, int64_t begin, int64_t end) noexcept {
  const auto row_bytes = static_cast<size_t>(p.row_bytes);
  for (int64_t r = begin; r < end; ++r) {
    std::byte* out = p.out + r * p.out_stride_bytes;
    const int64_t from = p.index != nullptr ? p.index[r] : r;
    if (p.index != nullptr && (from < 0 || from >= p.x_rows.get())) {
      std::memset(out, 0xff, row_bytes);
    } else {
      std::memcpy(out, p.x + from * p.x_stride_bytes, row_bytes);
    }
  }
}

}  // namespace pio::kernels
