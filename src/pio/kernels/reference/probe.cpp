// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstring>

#include "pio/kernels/kernels.h"

namespace pio::kernels {
namespace {

// `value` as the compiler cannot know it: else it would compute the loop beforehand.
template <class T>
T opaque(T value) noexcept {
  asm volatile("" : "+m"(value));
  return value;
}

}  // namespace

void probe_read_reference(const ProbeReadParams& p, int64_t begin, int64_t end) noexcept {
  for (int64_t block = begin; block < end; ++block) {
    uint64_t all = 0;
    for (int64_t at = 0; at < kProbeBlock; at += 8) {
      uint64_t word = 0;
      std::memcpy(&word, p.data + block * kProbeBlock + at, 8);
      all ^= word;
    }
    p.out[block] = all;
  }
}

void probe_dot_reference(const ProbeDotParams& p, int64_t begin, int64_t end) noexcept {
  for (int64_t task = begin; task < end; ++task) {
    std::array<int32_t, kProbeLanes> sums{};
    for (int64_t i = 0; i < p.rounds * kProbeSteps * kProbeSums; ++i) {
      const int32_t code = opaque(3);
      for (int32_t& sum : sums) {
        sum += 4 * code * -2;
      }
    }
    p.out[task] = sums[0];
  }
}

void probe_fma_reference(const ProbeFmaParams& p, int64_t begin, int64_t end) noexcept {
  for (int64_t task = begin; task < end; ++task) {
    std::array<float, kProbeSums * kProbeLanes> sums{};
    for (int64_t i = 0; i < p.rounds * kProbeSteps; ++i) {
      const float half = opaque(0.5f);
      for (float& sum : sums) {
        sum += half;
      }
    }
    p.out[task] = *std::ranges::max_element(sums);
  }
}

void probe_bf16_reference(const ProbeBf16Params& p, int64_t begin, int64_t end) noexcept {
  probe_fma_reference({.tasks = p.tasks, .rounds = p.rounds, .out = p.out}, begin, end);
}

}  // namespace pio::kernels
