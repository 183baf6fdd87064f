// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "pio/kernels/kernels.h"
#include "pio/kernels/reference/kv_slot.h"
#include "pio/kernels/reference/rows.h"
#include "pio/kernels/sin_cos.h"

namespace pio::kernels {

void rope_table_reference(const RopeTableParams& p, int64_t begin, int64_t end) noexcept {
  for (int64_t r = begin; r < end; ++r) {
    float* out = p.out + r * 2 * p.half;
    const auto position = static_cast<float>(p.positions[r]);
    for (int64_t i = 0; i < p.half; ++i) {
      const SinCos angle = sin_cos(position * p.inv_freq[i]);
      out[i] = static_cast<float>(angle.cos) * p.factor;
      out[p.half + i] = static_cast<float>(angle.sin) * p.factor;
    }
  }
}

void rope_row(const RopeParams& p, int64_t row, const float* x, float* out) noexcept {
  const float* cosines = p.table + row * 2 * p.half;
  const float* sines = cosines + p.half;
  float normed[kMaxHeadDim];
  for (int64_t h = 0; h < p.heads; ++h, x += p.head_dim, out += p.head_dim) {
    const float* in = x;
    if (p.norm != nullptr) {
      const RmsNormParams norm{.x = x, .weight = p.norm, .eps = p.eps, .dim = p.head_dim};
      rms_norm_part(norm, 0, row_inverse_rms(norm, 0), 0, p.head_dim, normed);
      in = normed;
    }
    for (int64_t i = 0; i < p.half; ++i) {
      const int64_t first = p.interleaved ? 2 * i : i;
      const int64_t second = p.interleaved ? 2 * i + 1 : i + p.half;
      const float a = in[first];
      const float b = in[second];
      out[first] = std::fma(a, cosines[i], -(b * sines[i]));
      out[second] = std::fma(b, cosines[i], a * sines[i]);
    }
    for (int64_t i = 2 * p.half; i < p.head_dim; ++i) {
      out[i] = in[i];
    }
  }
}

void rope_reference(const RopeParams& p, int64_t begin, int64_t end) noexcept {
  for (int64_t r = begin; r < end; ++r) {
    rope_row(p, r, p.x + r * p.x_stride, p.out + r * p.out_stride);
  }
}

void rope_kv_reference(const RopeKvParams& p, int64_t begin, int64_t end) noexcept {
  float rotated[kMaxHeadDim];
  RopeParams one_head = p.k;
  one_head.heads = 1;
  for (int64_t r = begin; r < end; ++r) {
    rope_row(p.q, r, p.q.x + r * p.q.x_stride, p.q.out + r * p.q.out_stride);
    for (int64_t head = 0; head < p.kv.kv_heads; ++head) {
      rope_row(one_head, r, p.k.x + r * p.k.x_stride + head * p.k.head_dim, rotated);
      const KvSlot slot = kv_slot(p.kv, r, head);
      slot.set_key(rotated);
      slot.set_value(p.v + r * p.v_stride + head * p.kv.value_dim);
    }
  }
}

}  // namespace pio::kernels
