// SPDX-License-Identifier: Apache-2.0
// Sampling's loops over the vocabulary; what they serve is defined in sample_select.cpp.
#include <array>
#include <limits>

#include "pio/kernels/kernels.h"
#include "pio/kernels/reference/sample_select.h"
#include "pio/kernels/scalar_math.h"

namespace pio::kernels {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

int32_t argmax(const float* logits, int64_t vocab) noexcept {
  int32_t best = -1;
  float max = -kInfinity;
  for (int64_t id = 0; id < vocab; ++id) {
    if (!(logits[id] <= max)) {
      if (logits[id] != logits[id]) {
        return -1;
      }
      max = logits[id];
      best = static_cast<int32_t>(id);
    }
  }
  return max < kInfinity ? best : -1;
}

void weigh(const float* logits, int64_t vocab, float max, float temperature, float min_p,
           float* p) noexcept {
  for (int64_t id = 0; id < vocab; ++id) {
    const float weight =
        logits[id] == -kInfinity ? 0.0f : exp_f32((logits[id] - max) / temperature);
    p[id] = weight >= min_p ? weight : 0.0f;
  }
}

double block_mass(const float* p, int64_t n) noexcept {
  std::array<double, 16> lane{};
  for (int64_t i = 0; i < n; ++i) {
    lane[static_cast<size_t>(i % 16)] += static_cast<double>(p[i]);
  }
  for (size_t width = 8; width > 0; width /= 2) {
    for (size_t i = 0; i < width; ++i) {
      lane[i] += lane[i + width];
    }
  }
  return lane[0];
}

int64_t collect(const float* p, int64_t vocab, float bound, int32_t* ids) noexcept {
  int64_t count = 0;
  for (int64_t id = 0; id < vocab; ++id) {
    if (p[id] >= bound) {
      ids[count++] = static_cast<int32_t>(id);
    }
  }
  return count;
}

}  // namespace

void sample_reference(const SampleParams& p, int64_t begin, int64_t end) noexcept {
  sample_rows(p, begin, end,
              {.argmax = argmax, .weigh = weigh, .block_mass = block_mass, .collect = collect});
}

}  // namespace pio::kernels
