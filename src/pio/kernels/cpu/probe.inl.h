// SPDX-License-Identifier: Apache-2.0
// The probes' loops, written once. S: a Word of kBytes with load() and exclusive_or(); Sums: kSums vectors of kLanes lanes
// with pass(), which does kProbeSteps steps on each, and lane().
// Steps: kSums and kLanes, a Sum of zeros, add() and merged() of two sums, first() lane of one.
#pragma once

#include <cstring>

#include "pio/kernels/params.h"

namespace pio::kernels {
namespace {

template <class S>
[[gnu::always_inline]] inline void probe_read_blocks(const ProbeReadParams& p, int64_t begin, int64_t end) noexcept {
  constexpr int kStreams = 8;
  for (int64_t block = begin; block < end; ++block) {
    const std::byte* data = p.data + block * kProbeBlock;
    typename S::Word all[kStreams] = {};
    for (int64_t at = 0; at < kProbeBlock; at += kStreams * S::kBytes) {
#pragma GCC unroll 8
      for (int i = 0; i < kStreams; ++i) {
        all[i] = S::exclusive_or(all[i], S::load(data + at + i * S::kBytes));
      }
    }
#pragma GCC unroll 8
    for (int i = 1; i < kStreams; ++i) {
      all[0] = S::exclusive_or(all[0], all[i]);
    }
    uint64_t words[S::kBytes / 8];
    std::memcpy(words, &all[0], sizeof(words));
    p.out[block] = 0;
    for (const uint64_t word : words) {
      p.out[block] ^= word;
    }
  }
}

/// Sums in registers that only grow by steps.
template <class Steps>
struct RegisterSums {
  static constexpr int kSums = Steps::kSums;
  static constexpr int kLanes = Steps::kLanes;
  typename Steps::Sum sums[kSums] = {};

  [[gnu::always_inline]] void pass() noexcept {
#pragma GCC unroll 8
    for (int step = 0; step < kProbeSteps; ++step) {
#pragma GCC unroll 12
      for (int i = 0; i < kSums; ++i) {
        sums[i] = Steps::add(sums[i]);
        asm volatile("" : "+v"(sums[i]));  // else the compiler would do the steps at once
      }
    }
  }
  [[nodiscard, gnu::always_inline]] auto lane() const noexcept {
    typename Steps::Sum all = sums[0];
#pragma GCC unroll 12
    for (int i = 1; i < kSums; ++i) {
      all = Steps::merged(all, sums[i]);
    }
    return Steps::first(all);
  }
};

// A round is kProbeSums sums of kProbeLanes lanes, which narrower vectors take in several passes.
template <class Sums, class Params>
[[gnu::always_inline]] inline void probe_peak(const Params& p, int64_t begin, int64_t end) noexcept {
  constexpr int kTimes = kProbeLanes / Sums::kLanes;  // that a lane takes a round's sums
  constexpr int64_t kPasses = kProbeSums * kProbeLanes / (Sums::kSums * Sums::kLanes);
  for (int64_t task = begin; task < end; ++task) {
    Sums sums;
    for (int64_t pass = 0; pass < p.rounds * kPasses; ++pass) {
      sums.pass();
    }
    p.out[task] = sums.lane() / kTimes;
  }
}

}  // namespace
}  // namespace pio::kernels
