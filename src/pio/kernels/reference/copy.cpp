// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstring>

#include "pio/kernels/kernels.h"

namespace pio::kernels {
namespace {

// The innermost axis.
void copy_run(const uint32_t* x, int64_t x_stride, uint32_t* out, int64_t out_stride, int64_t count) noexcept {
  if (x_stride == 1 && out_stride == 1) {
    std::memcpy(out, x, static_cast<size_t>(count) * sizeof(uint32_t));
    return;
  }
  for (int64_t i = 0; i < count; ++i) {
    out[i * out_stride] = x[i * x_stride];
  }
}

void copy_row(const CopyStridedParams& p, const uint32_t* x, uint32_t* out) noexcept {
  const auto last = static_cast<size_t>(p.axes - 1);
  for (size_t axis = 0; axis <= last; ++axis) {
    if (p.sizes[axis] == 0) {
      return;
    }
  }
  std::array<int64_t, kMaxCopyAxes> index{};
  for (;;) {
    copy_run(x, p.x_strides[last], out, p.out_strides[last], p.sizes[last]);
    size_t axis = last;
    for (;;) {  // the next index of the axes before the last, as an odometer
      if (axis == 0) {
        return;
      }
      --axis;
      x += p.x_strides[axis];
      out += p.out_strides[axis];
      if (++index[axis] < p.sizes[axis]) {
        break;
      }
      x -= p.x_strides[axis] * p.sizes[axis];
      out -= p.out_strides[axis] * p.sizes[axis];
      index[axis] = 0;
    }
  }
}

}  // namespace

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

void copy_strided_reference(const CopyStridedParams& p, int64_t begin, int64_t end) noexcept {
  for (int64_t r = begin; r < end; ++r) {
    copy_row(p, p.x + r * p.x_row_stride, p.out + r * p.out_row_stride);
  }
}

}  // namespace pio::kernels
