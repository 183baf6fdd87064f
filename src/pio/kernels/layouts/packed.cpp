// SPDX-License-Identifier: Apache-2.0
#include "pio/kernels/layouts/packed.h"

#include <algorithm>

#include "pio/base/checked.h"
#include "pio/kernels/layouts/tiles.h"
#include "pio/quant/q4_0.h"
#include "pio/quant/q4_1.h"
#include "pio/quant/q4_k.h"
#include "pio/quant/q6_k.h"
#include "pio/quant/q8_0.h"

namespace pio::kernels {
namespace {

using quant::QuantType;

uint32_t word(const uint8_t* from) noexcept {
  uint32_t out = 0;
  std::memcpy(&out, from, 4);
  return out;
}
void put_word(std::byte* tile, int64_t index, uint32_t value) noexcept {
  std::memcpy(tile + index, &value, 4);
}
void put_half(std::byte* array, int64_t row, uint16_t bits) noexcept {
  std::memcpy(array + row * 2, &bits, 2);
}

// Four codes at a time: bytes of `qs` hold column i low and column i + distance high.
uint32_t nibbles4(const uint8_t* qs, int64_t col, int64_t distance) noexcept {
  return (word(qs + col % distance) >> (col < distance ? 0 : 4)) & 0x0f0f0f0fu;
}

// Q4_0 and Q4_1: byte i holds columns i and i + 16.
void put_nibbles16(std::byte* tile, int64_t row, const uint8_t* qs) noexcept {
  for (int64_t pair = 0; pair < 4; ++pair) {
    const uint32_t low = nibbles4(qs, 8 * pair, 16);
    const uint32_t high = nibbles4(qs, 8 * pair + 4, 16);
    put_word(tile, code_index(4, row, pair, 0), low | (high << 4));
  }
}

void pack_q4_0(std::byte* tile, int64_t row, const std::byte* from) noexcept {
  quant::BlockQ4_0 block{};
  std::memcpy(&block, from, sizeof(block));
  put_nibbles16(tile, row, block.qs);
  put_half(tile + LayoutQ4_0::kScales, row, block.d);
}

void pack_q4_1(std::byte* tile, int64_t row, const std::byte* from) noexcept {
  quant::BlockQ4_1 block{};
  std::memcpy(&block, from, sizeof(block));
  put_nibbles16(tile, row, block.qs);
  put_half(tile + LayoutQ4_1::kScales, row, block.d);
  put_half(tile + LayoutQ4_1::kMins, row, block.m);
}

void pack_q8_0(std::byte* tile, int64_t row, const std::byte* from) noexcept {
  quant::BlockQ8_0 block{};
  std::memcpy(&block, from, sizeof(block));
  for (int64_t group = 0; group < 8; ++group) {
    const uint32_t codes = word(reinterpret_cast<const uint8_t*>(block.qs) + 4 * group);
    put_word(tile, code_index(8, row, group, 0), codes ^ 0x80808080u);
  }
  put_half(tile + LayoutQ8_0::kScales, row, block.d);
}

// One super-block of one row: 8 tiles behind the header.
void pack_q4_k(std::byte* header, int64_t row, const std::byte* from) noexcept {
  using Layout = LayoutQ4_K;
  quant::BlockQ4K block{};
  std::memcpy(&block, from, sizeof(block));
  put_half(header, row, block.d);
  put_half(header + Layout::kHeaderMins, row, block.dmin);
  for (int64_t sub = 0; sub < 8; ++sub) {
    std::byte* tile = header + Layout::kHeaderBytes + sub * Layout::kTileBytes;
    const uint8_t* qs = block.qs + sub / 2 * 32;
    const int shift = sub % 2 == 0 ? 0 : 4;
    for (int64_t pair = 0; pair < 4; ++pair) {
      const uint32_t low = (word(qs + 8 * pair) >> shift) & 0x0f0f0f0fu;
      const uint32_t high = (word(qs + 8 * pair + 4) >> shift) & 0x0f0f0f0fu;
      put_word(tile, code_index(4, row, pair, 0), low | (high << 4));
    }
    tile[Layout::kScales + row] = static_cast<std::byte>(block.scale(static_cast<int>(sub)));
    tile[Layout::kMins + row] = static_cast<std::byte>(block.min(static_cast<int>(sub)));
  }
}

void pack_q6_k(std::byte* header, int64_t row, const std::byte* from) noexcept {
  using Layout = LayoutQ6_K;
  quant::BlockQ6K block{};
  std::memcpy(&block, from, sizeof(block));
  put_half(header, row, block.d);
  for (int64_t sub = 0; sub < 8; ++sub) {
    std::byte* tile = header + Layout::kHeaderBytes + sub * Layout::kTileBytes;
    // In each half of 128 weights: ql bytes 0-63 hold columns 0-63 low, 64-127 high; qh byte i holds
    // bits 4-5 of columns i, i + 32, i + 64, i + 96.
    const int64_t quarter = sub % 4;
    const uint8_t* ql = block.ql + sub / 4 * 64 + quarter % 2 * 32;
    const uint8_t* qh = block.qh + sub / 4 * 32;
    for (int64_t part = 0; part < 2; ++part) {
      uint32_t high_bits = 0;
      for (int64_t g = 0; g < 4; ++g) {
        const uint32_t high = (word(qh + 16 * part + 4 * g) >> (2 * quarter)) & 0x03030303u;
        high_bits |= high << (2 * g);
      }
      put_word(tile + Layout::kHighBits, code_index(2, row, part, 0), high_bits);
      tile[Layout::kScales + part * kStripRows + row] = static_cast<std::byte>(block.scales[sub * 2 + part]);
    }
    for (int64_t pair = 0; pair < 4; ++pair) {
      const int shift = quarter < 2 ? 0 : 4;
      const uint32_t low = (word(ql + 8 * pair) >> shift) & 0x0f0f0f0fu;
      const uint32_t high = (word(ql + 8 * pair + 4) >> shift) & 0x0f0f0f0fu;
      put_word(tile, code_index(4, row, pair, 0), low | (high << 4));
    }
  }
}

template <class Element>
void pack_float(const StripRows& rows, int64_t cols, std::byte* out) noexcept {
  for (int64_t row = 0; row < kStripRows; ++row) {
    const std::byte* from = rows[static_cast<size_t>(row)];
    for (int64_t col = 0; from != nullptr && col < cols; ++col) {
      std::memcpy(out + (col * kStripRows + row) * int64_t{sizeof(Element)},
                  from + col * int64_t{sizeof(Element)}, sizeof(Element));
    }
  }
}

void pack_bf16(const StripRows& rows, int64_t cols, std::byte* out) noexcept {
  for (int64_t row = 0; row < kStripRows; ++row) {
    const std::byte* from = rows[static_cast<size_t>(row)];
    for (int64_t col = 0; from != nullptr && col < cols; ++col) {
      std::memcpy(out + bf16_offset(row, col), from + col * 2, 2);
    }
  }
}

using PackBlock = void (*)(std::byte*, int64_t, const std::byte*) noexcept;

// Packs every block of every row; `unit` is the packed distance from one block to the next.
void pack_blocks(PackBlock pack, QuantType type, int64_t unit, const StripRows& rows, int64_t cols,
                 std::byte* out) noexcept {
  const quant::QuantTraits& traits = quant::traits(type);
  for (int64_t b = 0; b < cols / traits.block_weights; ++b) {
    for (int64_t row = 0; row < kStripRows; ++row) {
      if (rows[static_cast<size_t>(row)] != nullptr) {
        pack(out + b * unit, row, rows[static_cast<size_t>(row)] + b * traits.block_bytes);
      }
    }
  }
}

template <class Tile>
float weight_at(const std::byte* header, const std::byte* tile, int64_t row, int64_t col) noexcept {
  const auto code = static_cast<float>(Tile::code(tile, row, col) - Tile::kOffset);
  const float value = Tile::scale(header, tile, row) * code;
  if constexpr (Tile::kHasMins) {
    return value + Tile::min(header, tile, row);
  }
  return value;
}

float weight_q6_k(const std::byte* header, const std::byte* tile, int64_t row, int64_t col) noexcept {
  const auto scale = static_cast<float>(TileQ6_K::sub_scale(tile, row, col / 16));
  return half_at(header, row) * scale * static_cast<float>(TileQ6_K::code(tile, row, col) - TileQ6_K::kOffset);
}

float weight(QuantType type, const std::byte* header, const std::byte* tile, int64_t row,
             int64_t col) noexcept {
  switch (type) {
    case QuantType::kF32: {
      float value = 0;
      std::memcpy(&value, tile + (col * kStripRows + row) * 4, 4);
      return value;
    }
    case QuantType::kF16:
      return half_at(tile + col * kStripRows * 2, row);
    case QuantType::kBF16: {
      uint16_t bits = 0;
      std::memcpy(&bits, tile + bf16_offset(row, col), 2);
      return bf16_to_f32(bits);
    }
    case QuantType::kQ4_0:
      return weight_at<TileQ4_0>(header, tile, row, col);
    case QuantType::kQ4_1:
      return weight_at<TileQ4_1>(header, tile, row, col);
    case QuantType::kQ8_0:
      return weight_at<TileQ8_0>(header, tile, row, col);
    case QuantType::kQ4_K:
      return weight_at<TileQ4_K>(header, tile, row, col);
    case QuantType::kQ6_K:
      return weight_q6_k(header, tile, row, col);
  }
  return 0;
}

}  // namespace

TileFormat tile_format(QuantType type) noexcept {
  const auto of = [](auto layout) {
    return TileFormat{.tile_bytes = decltype(layout)::kTileBytes, .header_bytes = decltype(layout)::kHeaderBytes};
  };
  switch (type) {
    case QuantType::kF32:
      return {.tile_bytes = kStripRows * kTileCols * 4, .header_bytes = 0};
    case QuantType::kF16:
    case QuantType::kBF16:
      return {.tile_bytes = kStripRows * kTileCols * 2, .header_bytes = 0};
    case QuantType::kQ4_0:
      return of(LayoutQ4_0{});
    case QuantType::kQ4_1:
      return of(LayoutQ4_1{});
    case QuantType::kQ8_0:
      return of(LayoutQ8_0{});
    case QuantType::kQ4_K:
      return of(LayoutQ4_K{});
    case QuantType::kQ6_K:
      return of(LayoutQ6_K{});
  }
  return {};
}

int64_t strip_bytes(QuantType type, int64_t cols) noexcept {
  const TileFormat format = tile_format(type);
  const int64_t headers = format.header_bytes > 0 ? cols / kSuperCols : 0;
  return div_up(cols, kTileCols) * format.tile_bytes + headers * format.header_bytes;
}

int64_t packed_bytes(QuantType type, int64_t rows, int64_t cols) noexcept {
  return div_up(rows, kStripRows) * strip_bytes(type, cols);
}

void pack_strip(QuantType type, const StripRows& rows, int64_t cols, std::byte* out) {
  std::memset(out, 0, static_cast<size_t>(strip_bytes(type, cols)));
  const TileFormat format = tile_format(type);
  const int64_t super = format.header_bytes + 8 * format.tile_bytes;
  switch (type) {
    case QuantType::kF32:
      return pack_float<uint32_t>(rows, cols, out);
    case QuantType::kF16:
      return pack_float<uint16_t>(rows, cols, out);
    case QuantType::kBF16:
      return pack_bf16(rows, cols, out);
    case QuantType::kQ4_0:
      return pack_blocks(pack_q4_0, type, format.tile_bytes, rows, cols, out);
    case QuantType::kQ4_1:
      return pack_blocks(pack_q4_1, type, format.tile_bytes, rows, cols, out);
    case QuantType::kQ8_0:
      return pack_blocks(pack_q8_0, type, format.tile_bytes, rows, cols, out);
    case QuantType::kQ4_K:
      return pack_blocks(pack_q4_k, type, super, rows, cols, out);
    case QuantType::kQ6_K:
      return pack_blocks(pack_q6_k, type, super, rows, cols, out);
  }
}

void unpack_row(QuantType type, const std::byte* packed, int64_t row, int64_t cols,
                float* out) noexcept {
  const TileFormat format = tile_format(type);
  const std::byte* strip = packed + row / kStripRows * strip_bytes(type, cols);
  const int64_t lane = row % kStripRows;
  const std::byte* header = strip;
  for (int64_t begin = 0; begin < cols; begin += kTileCols) {
    if (format.header_bytes > 0 && begin % kSuperCols == 0) {
      header = strip;
      strip += format.header_bytes;
    }
    for (int64_t col = begin; col < std::min(begin + kTileCols, cols); ++col) {
      out[col] = weight(type, header, strip, lane, col - begin);
    }
    strip += format.tile_bytes;
  }
}

}  // namespace pio::kernels
