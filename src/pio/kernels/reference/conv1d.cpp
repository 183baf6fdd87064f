// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "pio/base/checked.h"
#include "pio/kernels/kernels.h"

namespace pio::kernels {
namespace {

// Adds one tap: w times x at t * stride + shift, for every t where that lies in x.
void add_tap(const Conv1dParams& p, float w, const float* x, int64_t shift, float* out) noexcept {
  const int64_t begin = shift >= 0 ? 0 : div_up(-shift, p.stride);
  const int64_t end = p.length > shift ? std::min(p.out_length, div_up(p.length - shift, p.stride)) : 0;
  for (int64_t t = begin; t < end; ++t) {
    out[t] = std::fma(w, x[t * p.stride + shift], out[t]);
  }
}

}  // namespace

void conv1d_reference(const Conv1dParams& p, int64_t begin, int64_t end) noexcept {
  const int64_t inputs = p.channels / p.groups;
  for (int64_t task = begin; task < end; ++task) {
    const int64_t channel = task % p.out_channels;
    const int64_t first = task / p.out_channels * p.channels + channel / (p.out_channels / p.groups) * inputs;
    const float* weight = p.weight + channel * inputs * p.kernel;
    float* out = p.out + task * p.out_length;
    std::fill_n(out, p.out_length, 0.0f);
    for (int64_t c = 0; c < inputs; ++c) {
      for (int64_t j = 0; j < p.kernel; ++j) {
        add_tap(p, weight[c * p.kernel + j], p.x + (first + c) * p.x_stride, j * p.dilation - p.padding, out);
      }
    }
    for (int64_t t = 0; p.bias != nullptr && t < p.out_length; ++t) {
      out[t] += p.bias[channel];
    }
  }
}

}  // namespace pio::kernels
