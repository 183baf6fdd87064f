// SPDX-License-Identifier: Apache-2.0
// Sampling's loops over the vocabulary, as in reference/sample.cpp. Included once per instruction
// set, after its simd16_<isa>.h.
#pragma once

#include "pio/kernels/kernels.h"
#include "pio/kernels/reference/sample_select.h"

namespace pio::kernels {
namespace {

constexpr float kInfinity = __builtin_inff();

/// The largest of logits [begin, end); `nans` gets a bit set if one is NaN.
[[gnu::always_inline]] inline float max_of(const float* logits, int64_t begin, int64_t end,
                                           uint32_t& nans) noexcept {
  V16 tops = broadcast(-kInfinity);
  int64_t i = begin;
  for (; i + 16 <= end; i += 16) {
    const V16 x = load(logits + i);
    nans |= nan_lanes(x);
    tops = max(x, tops);
  }
  if (i < end) {
    const V16 x = keep_lanes(load_part(logits + i, end - i), 0, end - i, broadcast(-kInfinity));
    nans |= nan_lanes(x);
    tops = max(x, tops);
  }
  return max_lane(tops);
}

int32_t argmax(const float* logits, int64_t vocab) noexcept {
  constexpr int64_t kBlock = 1024;
  uint32_t nans = 0;
  float max = -kInfinity;
  int64_t block = -1;
  for (int64_t begin = 0; begin < vocab; begin += kBlock) {
    const float top = max_of(logits, begin, begin + kBlock < vocab ? begin + kBlock : vocab, nans);
    if (top > max) {
      max = top;
      block = begin;
    }
  }
  if (nans != 0 || block < 0 || max == kInfinity) {
    return -1;
  }
  while (logits[block] != max) {
    ++block;
  }
  return static_cast<int32_t>(block);
}

[[gnu::always_inline]] inline V16 weight_of(V16 x, V16 max, V16 temperature, V16 min_p) noexcept {
  const V16 p = exp(div(sub(x, max), temperature));
  return zero_below(zero_where_equal(x, broadcast(-kInfinity), p), min_p);
}

void weigh(const float* logits, int64_t vocab, float max, float temperature, float min_p,
           float* p) noexcept {
  int64_t i = 0;
  for (; i + 16 <= vocab; i += 16) {
    store(p + i,
          weight_of(load(logits + i), broadcast(max), broadcast(temperature), broadcast(min_p)));
  }
  if (i < vocab) {
    const V16 x = load_part(logits + i, vocab - i);
    store_part(p + i, weight_of(x, broadcast(max), broadcast(temperature), broadcast(min_p)),
               vocab - i);
  }
}

double block_mass(const float* p, int64_t n) noexcept {
  D16 sums{};
  int64_t i = 0;
  for (; i + 16 <= n; i += 16) {
    sums = add_widened(sums, load(p + i));
  }
  if (i < n) {
    sums = add_widened(sums, load_part(p + i, n - i));
  }
  return sum_lanes(sums);
}

int64_t collect(const float* p, int64_t vocab, float bound, int32_t* ids) noexcept {
  int64_t count = 0;
  const V16 least = broadcast(bound);
  for (int64_t i = 0; i < vocab; i += 16) {
    const V16 x = vocab - i < 16 ? load_part(p + i, vocab - i) : load(p + i);
    for (uint32_t found = lanes_not_below(x, least); found != 0; found &= found - 1) {
      ids[count++] = static_cast<int32_t>(i) + __builtin_ctz(found);
    }
  }
  return count;
}

void sample_rows_of(const SampleParams& p, int64_t begin, int64_t end) noexcept {
  sample_rows(p, begin, end,
              {.argmax = argmax, .weigh = weigh, .block_mass = block_mass, .collect = collect});
}

}  // namespace
}  // namespace pio::kernels
