// SPDX-License-Identifier: Apache-2.0
// For matmul tests: every matmul, and random weights of every format.
#pragma once

#include <algorithm>
#include <cstring>
#include <optional>
#include <random>
#include <vector>

#include "pio/base/half.h"
#include "pio/kernels/layouts/packed.h"
#include "pio/kernels/params.h"
#include "pio/kernels/registry.h"
#include "pio/quant/quant_type.h"

namespace pio::kernels::testing_support {

using quant::QuantType;

/// A matmul and the format of its weights.
struct MatmulKernel {
  KernelId id;
  QuantType type;
};

inline constexpr MatmulKernel kMatmulKernels[] = {
    {KernelId::k_matmul_f32, QuantType::kF32},   {KernelId::k_matmul_f16, QuantType::kF16},
    {KernelId::k_matmul_bf16, QuantType::kBF16}, {KernelId::k_matmul_q8_0, QuantType::kQ8_0},
    {KernelId::k_matmul_q4_0, QuantType::kQ4_0}, {KernelId::k_matmul_q4_1, QuantType::kQ4_1},
    {KernelId::k_matmul_q4_k, QuantType::kQ4_K}, {KernelId::k_matmul_q6_k, QuantType::kQ6_K},
};

inline bool is_float(QuantType type) { return quant::traits(type).block_weights == 1; }

/// The form of x that matmuls of the format take; nothing: f32 rows.
inline std::optional<RowFormat> row_format_of(QuantType type) {
  if (type == QuantType::kBF16) {
    return RowFormat::kBF16;
  }
  return is_float(type) ? std::nullopt : std::optional(RowFormat::kQ8);
}

inline void put(std::vector<std::byte>& bytes, size_t at, uint16_t bits) {
  std::memcpy(bytes.data() + at, &bits, 2);
}

/// Random codes, and small f16 scales at the places where the format keeps them.
inline std::vector<std::byte> random_file(QuantType type, int64_t count, std::mt19937& random) {
  std::vector<std::byte> file(static_cast<size_t>(quant::size_bytes(type, count)));
  std::normal_distribution<float> normal;
  if (is_float(type)) {
    std::vector<float> values(static_cast<size_t>(count));
    for (float& value : values) {
      value = normal(random);
    }
    quant::traits(type).quantize(values.data(), file.data(), count);
    return file;
  }
  for (auto& byte : file) {
    byte = static_cast<std::byte>(random());
  }
  const auto block = static_cast<size_t>(quant::traits(type).block_bytes);
  const bool two = type == QuantType::kQ4_1 || type == QuantType::kQ4_K;
  for (size_t at = 0; at < file.size(); at += block) {
    const size_t scale = type == QuantType::kQ6_K ? at + block - 2 : at;
    const float size = random() % 16 == 0 ? 1e-7f : 0.01f;  // f16 subnormals too
    put(file, scale, f32_to_f16(size * normal(random)));
    if (two) {
      put(file, scale + 2, f32_to_f16(size * normal(random)));
    }
  }
  return file;
}

/// A matrix as in a file to its packed form.
inline std::vector<std::byte> packed(QuantType type, const std::vector<std::byte>& file,
                                     int64_t rows, int64_t cols) {
  const int64_t row_bytes = quant::size_bytes(type, cols);
  std::vector<std::byte> out(static_cast<size_t>(packed_bytes(type, rows, cols)));
  for (int64_t strip = 0; strip * kStripRows < rows; ++strip) {
    StripRows sources{};
    for (int64_t r = strip * kStripRows; r < std::min(rows, (strip + 1) * kStripRows); ++r) {
      sources[static_cast<size_t>(r % kStripRows)] = file.data() + r * row_bytes;
    }
    pack_strip(type, sources, cols, out.data() + strip * strip_bytes(type, cols));
  }
  return out;
}

inline std::vector<std::byte> random_weight(QuantType type, int64_t rows, int64_t cols,
                                            std::mt19937& random) {
  return packed(type, random_file(type, rows * cols, random), rows, cols);
}

}  // namespace pio::kernels::testing_support
