// SPDX-License-Identifier: Apache-2.0
// SplitMix64 (Steele, Lea, Flood 2014): pseudo-random bits as a function of a counter.
#pragma once

#include <cstdint>

namespace pio {

/// What a SplitMix64 state grows by from one number to the next.
inline constexpr uint64_t kSplitMixStep = 0x9e3779b97f4a7c15ull;

/// The bits of state `x`.
[[nodiscard]] constexpr uint64_t split_mix(uint64_t x) noexcept {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
  return x ^ (x >> 31);
}

}  // namespace pio
