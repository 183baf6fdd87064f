// SPDX-License-Identifier: Apache-2.0
// Scalar conversions between f32 and the 16-bit floats, exact and rounded to nearest even.
#pragma once

#include <bit>
#include <cstdint>

namespace pio {

/// f16 bits to f32, exact for every input (NaN payloads kept).
[[nodiscard]] constexpr float f16_to_f32(uint16_t bits) noexcept {
  const uint32_t sign = static_cast<uint32_t>(bits & 0x8000u) << 16;
  const uint32_t exponent = (bits >> 10) & 0x1fu;
  uint32_t mantissa = bits & 0x3ffu;
  if (exponent == 0x1f) {
    return std::bit_cast<float>(sign | 0x7f800000u | (mantissa << 13));
  }
  if (exponent != 0) {
    return std::bit_cast<float>(sign | ((exponent + 112) << 23) | (mantissa << 13));
  }
  if (mantissa == 0) {
    return std::bit_cast<float>(sign);
  }
  const int shift = std::countl_zero(mantissa) - 21;
  mantissa = (mantissa << shift) & 0x3ffu;
  return std::bit_cast<float>(sign | (static_cast<uint32_t>(113 - shift) << 23) | (mantissa << 13));
}

/// f32 to f16 bits, round to nearest even; overflow gives infinity, NaN stays (quiet) NaN.
[[nodiscard]] constexpr uint16_t f32_to_f16(float value) noexcept {
  const auto bits = std::bit_cast<uint32_t>(value);
  const auto sign = static_cast<uint16_t>((bits >> 16) & 0x8000u);
  const uint32_t abs = bits & 0x7fffffffu;
  if (abs > 0x7f800000u) {
    return static_cast<uint16_t>(sign | 0x7e00u | ((abs >> 13) & 0x1ffu));
  }
  if (abs >= 0x47800000u) {
    return static_cast<uint16_t>(sign | 0x7c00u);
  }
  if (abs >= 0x38800000u) {  // normal in f16; a carry out of the mantissa raises the exponent rightly
    const uint32_t rounded = abs + 0xfffu + ((abs >> 13) & 1u);
    return static_cast<uint16_t>(sign | ((rounded - 0x38000000u) >> 13));
  }
  if (abs < 0x33000000u) {
    return sign;
  }
  const uint32_t shift = 126 - (abs >> 23);
  const uint32_t mantissa = (abs & 0x7fffffu) | 0x800000u;
  const uint32_t half = 1u << (shift - 1);
  const uint32_t rest = mantissa & ((1u << shift) - 1);
  uint32_t result = mantissa >> shift;
  result += (rest > half || (rest == half && (result & 1u))) ? 1u : 0u;
  return static_cast<uint16_t>(sign | result);
}

/// bf16 bits to f32, exact.
[[nodiscard]] constexpr float bf16_to_f32(uint16_t bits) noexcept {
  return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16);
}

/// f32 to bf16 bits, round to nearest even; NaN stays (quiet) NaN.
[[nodiscard]] constexpr uint16_t f32_to_bf16(float value) noexcept {
  const auto bits = std::bit_cast<uint32_t>(value);
  if ((bits & 0x7fffffffu) > 0x7f800000u) {
    return static_cast<uint16_t>((bits >> 16) | 0x40u);
  }
  return static_cast<uint16_t>((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

}  // namespace pio
