// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include "pio/kernels/kernels.h"
#include "pio/kernels/reference/rows.h"

namespace pio::kernels {

float row_inverse_rms(const RmsNormParams& p, int64_t row) noexcept {
  const float* x = p.x + row * p.x_stride;
  Lanes squares;
  for (int64_t i = 0; i < p.dim; ++i) {
    float& lane = squares.lane[static_cast<size_t>(i % 16)];
    lane = std::fma(x[i], x[i], lane);
  }
  return 1.0f / std::sqrt(squares.sum() / static_cast<float>(p.dim) + p.eps);
}

void rms_norm_part(const RmsNormParams& p, int64_t row, float inverse_rms, int64_t begin, int64_t count,
                   float* out) noexcept {
  const float* x = p.x + row * p.x_stride + begin;
  for (int64_t i = 0; i < count; ++i) {
    const float normed = x[i] * inverse_rms;
    out[i] = p.weight != nullptr ? normed * p.weight[begin + i] : normed;
  }
}

void rms_norm_reference(const RmsNormParams& p, int64_t begin, int64_t end) noexcept {
  for (int64_t r = begin; r < end; ++r) {
    rms_norm_part(p, r, row_inverse_rms(p, r), 0, p.dim, p.out + r * p.out_stride);
  }
}

void layer_norm_reference(const LayerNormParams& p, int64_t begin, int64_t end) noexcept {
  const auto dim = static_cast<float>(p.dim);
  for (int64_t r = begin; r < end; ++r) {
    const float* x = p.x + r * p.x_stride;
    float* out = p.out + r * p.out_stride;
    Lanes sums;
    for (int64_t i = 0; i < p.dim; ++i) {
      sums.lane[static_cast<size_t>(i % 16)] += x[i];
    }
    const float mean = sums.sum() / dim;
    Lanes squares;
    for (int64_t i = 0; i < p.dim; ++i) {
      float& lane = squares.lane[static_cast<size_t>(i % 16)];
      lane = std::fma(x[i] - mean, x[i] - mean, lane);
    }
    const float inverse = 1.0f / std::sqrt(squares.sum() / dim + p.eps);
    for (int64_t i = 0; i < p.dim; ++i) {
      const float scaled = (x[i] - mean) * inverse * (p.weight != nullptr ? p.weight[i] : 1.0f);
      out[i] = p.bias != nullptr ? scaled + p.bias[i] : scaled;
    }
  }
}

void softmax_reference(const SoftmaxParams& p, int64_t begin, int64_t end) noexcept {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  for (int64_t r = begin; r < end; ++r) {
    const float* x = p.x + r * p.x_stride;
    float* out = p.out + r * p.out_stride;
    float max = x[0];
    for (int64_t i = 1; i < p.dim; ++i) {
      max = x[i] > max ? x[i] : max;
    }
    Lanes sums;
    for (int64_t i = 0; i < p.dim; ++i) {
      out[i] = x[i] == -kInfinity ? 0.0f : exp_f32(x[i] - max);
      sums.lane[static_cast<size_t>(i % 16)] += out[i];
    }
    const float sum = sums.sum();
    for (int64_t i = 0; i < p.dim; ++i) {
      out[i] /= sum;
    }
  }
}

}  // namespace pio::kernels
