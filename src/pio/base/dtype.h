// SPDX-License-Identifier: Apache-2.0
// Element types of tensors. Block-quantized weight formats are not dtypes: see quant/quant_type.h.
#pragma once

#include <cstdint>
#include <string_view>

namespace pio {

/// Element type of a tensor value.
enum class DType : uint8_t {
  kF32,
  kF16,
  kBF16,
  kI8,
  kU8,
  kI32,
  kI64,
  kBool,
  kQ8Rows,  ///< inside plans only: rows of activations quantized in blocks of 32 (kernels/params.h)
  kBF16Rows,  ///< inside plans only: rows of activations rounded to bf16, in pairs
};

/// Bytes of one element.
[[nodiscard]] constexpr int64_t size_bytes(DType dtype) noexcept {
  switch (dtype) {
    case DType::kI64:
      return 8;
    case DType::kF32:
    case DType::kI32:
      return 4;
    case DType::kF16:
    case DType::kBF16:
      return 2;
    case DType::kI8:
    case DType::kU8:
    case DType::kBool:
    case DType::kQ8Rows:  // their rows have a size of their own
    case DType::kBF16Rows:
      return 1;
  }
  return 0;
}

/// The short lower-case name: "f32", "bf16", "i8" ...
[[nodiscard]] constexpr std::string_view name(DType dtype) noexcept {
  constexpr std::string_view kNames[] = {"f32", "f16", "bf16", "i8",   "u8",
                                         "i32", "i64", "bool", "q8_rows", "bf16_rows"};
  return kNames[static_cast<uint8_t>(dtype)];
}

}  // namespace pio
