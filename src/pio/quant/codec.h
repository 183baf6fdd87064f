// SPDX-License-Identifier: Apache-2.0
// What the formats' scalar codecs share: unaligned loads and stores of blocks, rounding into a
// range.
#pragma once

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace pio::quant {

static_assert(std::endian::native == std::endian::little, "block layouts are little-endian");

/// The block (or number) at `at`, which may have any alignment.
template <class T>
requires std::is_trivially_copyable_v<T>
[[nodiscard]] inline T load(const std::byte* at) noexcept {
  T value;
  std::memcpy(&value, at, sizeof(T));
  return value;
}

/// Writes `value` at `at`, which may have any alignment.
template <class T>
requires std::is_trivially_copyable_v<T>
inline void store(std::byte* at, const T& value) noexcept { std::memcpy(at, &value, sizeof(T)); }

/// `value` cut to a whole number (toward zero) within [low, high]; NaN gives low.
[[nodiscard]] inline int truncate_into(float value, int low, int high) noexcept {
  if (!(value > static_cast<float>(low))) {
    return low;
  }
  return value >= static_cast<float>(high) ? high : static_cast<int>(value);
}

/// `value` rounded half away from zero within [low, high]; NaN gives low.
[[nodiscard]] inline int round_into(float value, int low, int high) noexcept {
  return truncate_into(std::round(value), low, high);
}

/// 1 / value, or 0 for a value so small (or 0) that the inverse is not finite.
[[nodiscard]] inline float safe_inverse(float value) noexcept {
  const float inverse = 1.0f / value;
  return std::isinf(inverse) ? 0.0f : inverse;
}

/// Whether any of values[0, count) is NaN: codecs then store a NaN scale, so that it is not lost.
[[nodiscard]] inline bool has_nan(const float* values, int64_t count) noexcept {
  for (int64_t i = 0; i < count; ++i) {
    if (std::isnan(values[i])) {
      return true;
    }
  }
  return false;
}

/// Whether a K format's block must become NaN: a value is NaN, or so large (no f16 scale reaches it) that
/// squares in the scale search would overflow and hide it.
[[nodiscard]] inline bool defies_scale_search(const float* values, int64_t count) noexcept {
  for (int64_t i = 0; i < count; ++i) {
    if (!(std::fabs(values[i]) < 1e12f)) {
      return true;
    }
  }
  return false;
}

/// Code of weight i of 32 in ggml's 16 bytes of nibbles: low ones first, i >= 16 in the high ones.
[[nodiscard]] constexpr int nibble_of_32(const uint8_t (&qs)[16], int i) noexcept {
  return i < 16 ? qs[i] & 15 : qs[i - 16] >> 4;
}

/// f16 bits of a quiet NaN.
inline constexpr uint16_t kF16Nan = 0x7e00;

}  // namespace pio::quant
