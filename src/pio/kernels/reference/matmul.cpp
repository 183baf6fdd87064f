// SPDX-License-Identifier: Apache-2.0
// The definition of every matmul: one output at a time, straight from the packed tiles.
#include <algorithm>
#include <array>
#include <cstring>

#include "pio/base/checked.h"
#include "pio/kernels/kernels.h"
#include "pio/kernels/layouts/tiles.h"
#include "pio/kernels/reference/rows.h"

namespace pio::kernels {
namespace {

// Adds one 32-block of a row to its two sums, in block order; the mins meet the rest at the very end.
template <class Tile>
void add_block(const std::byte* header, const std::byte* tile, int64_t row, const int8_t* a,
               const ActivationBlock& block, float& sum, [[maybe_unused]] float& mins) noexcept {
  int32_t dot = Tile::kOffset / 8 * block.offset;
  for (int64_t col = 0; col < kTileCols; ++col) {
    dot += Tile::code(tile, row, col) * a[col];
  }
  sum = std::fma(static_cast<float>(dot), Tile::scale(header, tile, row) * block.scale, sum);
  if constexpr (Tile::kHasMins) {
    mins = std::fma(Tile::min(header, tile, row), block.scale_sum, mins);
  }
}

template <>
void add_block<TileQ6_K>(const std::byte* header, const std::byte* tile, int64_t row, const int8_t* a,
                         const ActivationBlock& block, float& sum, float& /*mins*/) noexcept {
  std::array<int32_t, 2> dots = {TileQ6_K::kOffset / 8 * block.offset_low,
                                 TileQ6_K::kOffset / 8 * (block.offset - block.offset_low)};
  for (int64_t col = 0; col < kTileCols; ++col) {
    dots[static_cast<size_t>(col / 16)] += TileQ6_K::code(tile, row, col) * a[col];
  }
  const int32_t dot = TileQ6_K::sub_scale(tile, row, 0) * dots[0] +
                      TileQ6_K::sub_scale(tile, row, 1) * dots[1];
  sum = std::fma(static_cast<float>(dot), half_at(header, row) * block.scale, sum);
}

template <class Tile>
float dot_quantized(const MatmulParams& p, quant::QuantType type, int64_t strip, int64_t lane,
                    const std::byte* x) noexcept {
  const TileFormat format = tile_format(type);
  const std::byte* tile = p.weight + strip * strip_bytes(type, p.in_features);
  const std::byte* header = tile;
  const std::byte* blocks = x + activation_blocks_offset(p.in_features);
  float sum = 0;
  float mins = 0;
  for (int64_t b = 0; b < p.in_features / kTileCols; ++b) {
    if (format.header_bytes > 0 && b * kTileCols % kSuperCols == 0) {
      header = tile;
      tile += format.header_bytes;
    }
    ActivationBlock block{};
    std::memcpy(&block, blocks + b * int64_t{sizeof(block)}, sizeof(block));
    add_block<Tile>(header, tile, lane, reinterpret_cast<const int8_t*>(x) + b * kTileCols, block, sum,
                    mins);
    tile += format.tile_bytes;
  }
  return sum + mins;
}

float load_weight(const std::byte* at, int64_t index, quant::QuantType type) noexcept {
  if (type == quant::QuantType::kF32) {
    float value = 0;
    std::memcpy(&value, at + index * 4, 4);
    return value;
  }
  uint16_t bits = 0;
  std::memcpy(&bits, at + index * 2, 2);
  return f16_to_f32(bits);
}

float flushed(float x) noexcept { return std::fpclassify(x) == FP_SUBNORMAL ? std::copysign(0.0f, x) : x; }

// w * x + sum, rounded once, where subnormals are zero. A result is subnormal if it is so when rounded as if
// exponents had no end: just below the smallest normal number that differs from what std::fma rounds to.
float fma_flushed(float w, float x, float sum) noexcept {
  constexpr float kUp = 0x1p64f;
  const float result = std::fma(w, x, sum);
  if (std::fabs(result) > 0x1p-126f || result == 0 || std::isnan(result)) {
    return result;
  }
  const bool w_is_small = std::fabs(w) < std::fabs(x);
  const float up = std::fma(w_is_small ? w * kUp : w, w_is_small ? x : x * kUp, sum * kUp);
  return std::fabs(up) < 0x1p-126f * kUp ? std::copysign(0.0f, result) : result;
}

float dot_bf16(const MatmulParams& p, int64_t strip, int64_t lane, const std::byte* x) noexcept {
  const std::byte* weights = p.weight + strip * strip_bytes(quant::QuantType::kBF16, p.in_features);
  const auto value = [](const std::byte* pairs, int64_t pair, int shift) {
    uint32_t word = 0;
    std::memcpy(&word, pairs + pair * 4, sizeof(word));
    return flushed(bf16_to_f32(static_cast<uint16_t>(word >> shift)));
  };
  float sum = 0;
  for (int64_t pair = 0; pair < div_up(p.in_features, 2); ++pair) {
    for (const int shift : {16, 0}) {
      sum = fma_flushed(value(weights, pair * kStripRows + lane, shift), value(x, pair, shift), sum);
    }
  }
  return sum;
}

float dot_float(const MatmulParams& p, quant::QuantType type, int64_t strip, int64_t lane,
                const std::byte* x) noexcept {
  const std::byte* tile = p.weight + strip * strip_bytes(type, p.in_features);
  const auto* values = reinterpret_cast<const float*>(x);
  float sum = 0;
  for (int64_t k = 0; k < p.in_features; ++k) {
    sum = std::fma(load_weight(tile, k * kStripRows + lane, type), values[k], sum);
  }
  return sum;
}

// dot(strip, lane, x) gives one output; the epilogue is the same for all formats.
template <class Dot>
void matmul(const MatmulParams& p, int64_t begin, int64_t end, const Dot& dot) noexcept {
  const bool glu = p.epilogue != Epilogue::kStore;
  std::array<float, kStripRows> values{};
  for (int64_t task = begin; task < end; ++task) {
    const int64_t width =
        std::min(kStripRows, (glu ? p.out_features / 2 : p.out_features) - task * kStripRows);
    for (int64_t r = 0; r < p.rows.get(); ++r) {
      const std::byte* x = p.x + r * p.x_stride_bytes;
      for (int64_t lane = 0; lane < width; ++lane) {
        float& value = values[static_cast<size_t>(lane)];
        const int64_t n = task * kStripRows + lane;
        if (glu) {
          value = silu_f32(dot(2 * task, lane, x)) * dot(2 * task + 1, lane, x);
          continue;
        }
        value = dot(task, lane, x);
        value = p.bias != nullptr ? value + p.bias[n] : value;
        value = p.residual != nullptr ? p.residual[r * p.residual_stride + n] + value : value;
      }
      if (p.epilogue == Epilogue::kSwiGluQuant) {
        put_block(p.out_format, values.data(), p.out_features / 2, task,
                  p.out_quant + r * p.out_quant_stride_bytes);
      } else {
        std::copy_n(values.begin(), width, p.out + r * p.out_stride + task * kStripRows);
      }
    }
  }
}

template <class Tile>
void matmul_quantized(const MatmulParams& p, quant::QuantType type, int64_t begin,
                      int64_t end) noexcept {
  matmul(p, begin, end, [&](int64_t strip, int64_t lane, const std::byte* x) {
    return dot_quantized<Tile>(p, type, strip, lane, x);
  });
}

void matmul_float(const MatmulParams& p, quant::QuantType type, int64_t begin, int64_t end) noexcept {
  matmul(p, begin, end, [&](int64_t strip, int64_t lane, const std::byte* x) {
    return dot_float(p, type, strip, lane, x);
  });
}

}  // namespace

void matmul_f32_reference(const MatmulParams& p, int64_t begin, int64_t end) noexcept {
  matmul_float(p, quant::QuantType::kF32, begin, end);
}
void matmul_f16_reference(const MatmulParams& p, int64_t begin, int64_t end) noexcept {
  matmul_float(p, quant::QuantType::kF16, begin, end);
}
void matmul_bf16_reference(const MatmulParams& p, int64_t begin, int64_t end) noexcept {
  matmul(p, begin, end, [&](int64_t strip, int64_t lane, const std::byte* x) {
    return dot_bf16(p, strip, lane, x);
  });
}
void matmul_q8_0_reference(const MatmulParams& p, int64_t begin, int64_t end) noexcept {
  matmul_quantized<TileQ8_0>(p, quant::QuantType::kQ8_0, begin, end);
}
void matmul_q4_0_reference(const MatmulParams& p, int64_t begin, int64_t end) noexcept {
  matmul_quantized<TileQ4_0>(p, quant::QuantType::kQ4_0, begin, end);
}
void matmul_q4_1_reference(const MatmulParams& p, int64_t begin, int64_t end) noexcept {
  matmul_quantized<TileQ4_1>(p, quant::QuantType::kQ4_1, begin, end);
}
void matmul_q4_k_reference(const MatmulParams& p, int64_t begin, int64_t end) noexcept {
  matmul_quantized<TileQ4_K>(p, quant::QuantType::kQ4_K, begin, end);
}
void matmul_q6_k_reference(const MatmulParams& p, int64_t begin, int64_t end) noexcept {
  matmul_quantized<TileQ6_K>(p, quant::QuantType::kQ6_K, begin, end);
}

}  // namespace pio::kernels
