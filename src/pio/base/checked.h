// SPDX-License-Identifier: Apache-2.0
// 64-bit arithmetic that reports overflow, for sizes read from files.
#pragma once

#include <cstdint>
#include <optional>

namespace pio {

/// a * b, or nothing if it does not fit uint64_t.
[[nodiscard]] constexpr std::optional<uint64_t> checked_mul(uint64_t a, uint64_t b) noexcept {
  uint64_t out = 0;
  return __builtin_mul_overflow(a, b, &out) ? std::nullopt : std::optional(out);
}

/// a + b, or nothing if it does not fit uint64_t.
[[nodiscard]] constexpr std::optional<uint64_t> checked_add(uint64_t a, uint64_t b) noexcept {
  uint64_t out = 0;
  return __builtin_add_overflow(a, b, &out) ? std::nullopt : std::optional(out);
}

/// value rounded up to a multiple of `alignment` (a power of two); the sum must fit.
[[nodiscard]] constexpr int64_t align_up(int64_t value, int64_t alignment) noexcept {
  return (value + alignment - 1) & ~(alignment - 1);
}

/// ceil(a / b) for a >= 0, b > 0.
[[nodiscard]] constexpr int64_t div_up(int64_t a, int64_t b) noexcept { return (a + b - 1) / b; }

}  // namespace pio
