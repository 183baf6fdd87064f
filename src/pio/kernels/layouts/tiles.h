// SPDX-License-Identifier: Apache-2.0
// The bytes of a tile (32 rows x 32 columns) of each format, in words for people and in code. A
// tile is two halves of 16 rows; a "group" is 4 neighbouring columns, so that one 64-byte vector
// holds 16 rows x 1 group and a 32-bit lane of it one row. f16 scales (and mins) of the 32 rows
// follow the codes.
//   nibbles  512 B: [half][pair j: 4][row: 16][column: 4], low nibble group 2j, high nibble group
//   2j + 1 Q4_0     nibbles, scales: 576 B          w = scale * (code - 8) Q4_1     nibbles,
//   scales, mins: 640 B    w = scale * code + min Q8_0     [half][group: 8][row][column] code = w +
//   128, scales: 1088 B Q4_K     nibbles, u8 scale and u8 min per row: 576 B; header per 256
//   columns: f16 d, dmin per row Q6_K     nibbles (low 4 bits), [half][2][row][column] high 2 bits
//   of 4 groups each, s8 scale per row for
//            columns 0-15 and 16-31: 832 B; header: f16 d per row. w = d * scale * (code - 32)
//   F32 F16  [column: 32][row: 32]
//   BF16     [pair of columns: 16][row: 32][column: 2], the earlier column in the word's high half
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "pio/base/half.h"
#include "pio/kernels/layouts/packed.h"

namespace pio::kernels {

/// Bytes of a group: 4 columns of 16 rows.
inline constexpr int64_t kGroupBytes = 64;
/// Bytes of the codes of 32 x 32 weights at 4 bits.
inline constexpr int64_t kNibbleBytes = kStripRows * kTileCols / 2;
/// Bytes of one f16 for each row of a strip.
inline constexpr int64_t kHalfsBytes = 2 * kStripRows;

/// Byte of a bf16 weight in a strip or tile: two columns of a row make a word, whose high half is the earlier.
[[nodiscard]] constexpr int64_t bf16_offset(int64_t row, int64_t col) noexcept {
  return (col / 2 * kStripRows + row) * 4 + (col % 2 == 0 ? 2 : 0);
}

/// Byte offsets in a tile or header. kScales and kMins hold f16 but for the K formats.
struct LayoutQ4_0 {
  static constexpr int64_t kScales = kNibbleBytes;
  static constexpr int64_t kTileBytes = kScales + kHalfsBytes;
  static constexpr int64_t kHeaderBytes = 0;
};
struct LayoutQ4_1 {
  static constexpr int64_t kScales = kNibbleBytes;
  static constexpr int64_t kMins = kScales + kHalfsBytes;
  static constexpr int64_t kTileBytes = kMins + kHalfsBytes;
  static constexpr int64_t kHeaderBytes = 0;
};
struct LayoutQ8_0 {
  static constexpr int64_t kScales = kStripRows * kTileCols;
  static constexpr int64_t kTileBytes = kScales + kHalfsBytes;
  static constexpr int64_t kHeaderBytes = 0;
};
struct LayoutQ4_K {
  static constexpr int64_t kScales = kNibbleBytes;        ///< u8
  static constexpr int64_t kMins = kScales + kStripRows;  ///< u8
  static constexpr int64_t kTileBytes = kMins + kStripRows;
  static constexpr int64_t kHeaderMins = kHalfsBytes;  ///< dmin; d lies first
  static constexpr int64_t kHeaderBytes = kHeaderMins + kHalfsBytes;
};
struct LayoutQ6_K {
  static constexpr int64_t kHighBits = kNibbleBytes;
  static constexpr int64_t kScales =
      kHighBits + kNibbleBytes / 2;  ///< s8: of columns 0-15, then 16-31
  static constexpr int64_t kTileBytes = kScales + 2 * kStripRows;
  static constexpr int64_t kHeaderBytes = kHalfsBytes;
};

/// Byte of row `row`, column `col` in a run of [half][group][row][column] with `groups` groups a
/// half.
[[nodiscard]] constexpr int64_t code_index(int64_t groups, int64_t row, int64_t group,
                                           int64_t col) noexcept {
  return ((row / 16 * groups + group) * 16 + row % 16) * 4 + col % 4;
}

/// The 4-bit code of (row, col) in a nibble run.
[[nodiscard]] inline int nibble_code(const std::byte* tile, int64_t row, int64_t col) noexcept {
  const auto byte = std::to_integer<unsigned>(tile[code_index(4, row, col / 8, col)]);
  return static_cast<int>(col % 8 < 4 ? byte & 15u : byte >> 4);
}

/// Entry `row` of an f16 array in a tile.
[[nodiscard]] inline float half_at(const std::byte* array, int64_t row) noexcept {
  uint16_t bits = 0;
  std::memcpy(&bits, array + row * 2, 2);
  return f16_to_f32(bits);
}

/// Tiles whose codes are one nibble run.
struct NibbleTile {
  static int code(const std::byte* tile, int64_t row, int64_t col) noexcept {
    return nibble_code(tile, row, col);
  }
};

/// What a block of one row adds to its sums: weight scale, min and unsigned codes less an offset.
struct TileQ4_0 : LayoutQ4_0, NibbleTile {
  static constexpr int kOffset = 8;
  static constexpr bool kHasMins = false;
  static float scale(const std::byte* /*header*/, const std::byte* tile, int64_t row) noexcept {
    return half_at(tile + kScales, row);
  }
};

struct TileQ4_1 : LayoutQ4_1, NibbleTile {
  static constexpr int kOffset = 0;
  static constexpr bool kHasMins = true;
  static float scale(const std::byte* /*header*/, const std::byte* tile, int64_t row) noexcept {
    return half_at(tile + kScales, row);
  }
  static float min(const std::byte* /*header*/, const std::byte* tile, int64_t row) noexcept {
    return half_at(tile + kMins, row);
  }
};

struct TileQ8_0 : LayoutQ8_0 {
  static constexpr int kOffset = 128;
  static constexpr bool kHasMins = false;
  static int code(const std::byte* tile, int64_t row, int64_t col) noexcept {
    return std::to_integer<int>(tile[code_index(8, row, col / 4, col)]);
  }
  static float scale(const std::byte* /*header*/, const std::byte* tile, int64_t row) noexcept {
    return half_at(tile + kScales, row);
  }
};

struct TileQ4_K : LayoutQ4_K, NibbleTile {
  static constexpr int kOffset = 0;
  static constexpr bool kHasMins = true;
  static float scale(const std::byte* header, const std::byte* tile, int64_t row) noexcept {
    return half_at(header, row) * static_cast<float>(std::to_integer<int>(tile[kScales + row]));
  }
  /// Subtracted, as in the file.
  static float min(const std::byte* header, const std::byte* tile, int64_t row) noexcept {
    return -(half_at(header + kHeaderMins, row) *
             static_cast<float>(std::to_integer<int>(tile[kMins + row])));
  }
};

struct TileQ6_K : LayoutQ6_K {
  static constexpr int kOffset = 32;
  static int code(const std::byte* tile, int64_t row, int64_t col) noexcept {
    const auto high =
        std::to_integer<unsigned>(tile[kHighBits + code_index(2, row, col / 16, col)]);
    return nibble_code(tile, row, col) | static_cast<int>((high >> (col / 4 % 4 * 2) & 3u) << 4);
  }
  /// Scale of columns 0-15 (part 0) or 16-31 (part 1).
  static int sub_scale(const std::byte* tile, int64_t row, int64_t part) noexcept {
    return static_cast<int8_t>(tile[kScales + part * kStripRows + row]);
  }
};

}  // namespace pio::kernels
