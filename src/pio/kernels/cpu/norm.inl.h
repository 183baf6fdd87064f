// SPDX-License-Identifier: Apache-2.0
// The root-mean-square norm of one row, the arithmetic of reference/norm.cpp: shared by rows.inl.h and rope.inl.h.
// Included once per instruction set, after its simd16_<isa>.h.
#pragma once

#include <cstdint>

namespace pio::kernels {
namespace {

/// 1 / sqrt(mean of squares + eps).
[[gnu::always_inline]] inline float inverse_rms(const float* x, int64_t dim, float eps) noexcept {
  V16 squares = broadcast(0.0f);
  int64_t i = 0;
  for (; i + 16 <= dim; i += 16) {
    const V16 v = load(x + i);
    squares = fma(v, v, squares);
  }
  if (i < dim) {
    const V16 v = load_part(x + i, dim - i);
    squares = fma(v, v, squares);
  }
  const float mean = sum_lanes(squares) / static_cast<float>(dim) + eps;
  return 1.0f / _mm_cvtss_f32(_mm_sqrt_ss(_mm_set_ss(mean)));
}

/// The normed row, times `weight`: [dim] where there is one.
[[gnu::always_inline]] inline void norm_row(const float* x, const float* weight, float eps,
                                            int64_t dim, float* out) noexcept {
  const V16 inverse = broadcast(inverse_rms(x, dim, eps));
  int64_t i = 0;
  for (; i + 16 <= dim; i += 16) {
    const V16 y = mul(load(x + i), inverse);
    store(out + i, weight != nullptr ? mul(y, load(weight + i)) : y);
  }
  if (i < dim) {
    const int64_t n = dim - i;
    const V16 y = mul(load_part(x + i, n), inverse);
    store_part(out + i, weight != nullptr ? mul(y, load_part(weight + i, n)) : y, n);
  }
}

}  // namespace
}  // namespace pio::kernels
