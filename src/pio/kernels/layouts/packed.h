// SPDX-License-Identifier: Apache-2.0
// Packed weight matrices: strips of 32 rows, each a run of 32 x 32 tiles along the columns, one layout per
// weight format, read by every kernel of every instruction set (matmul of any row count, row lookup).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "pio/quant/quant_type.h"

namespace pio::kernels {

/// Rows of a strip and columns of a tile.
inline constexpr int64_t kStripRows = 32;
inline constexpr int64_t kTileCols = 32;
/// Columns behind one header.
inline constexpr int64_t kSuperCols = 256;

/// Bytes of one tile, and of the header before each kSuperCols columns (K-quants: their f16 scales).
struct TileFormat {
  int64_t tile_bytes;
  int64_t header_bytes;  ///< 0 but for Q4_K and Q6_K
};
[[nodiscard]] TileFormat tile_format(quant::QuantType type) noexcept;

/// Bytes of one strip of `cols` columns.
[[nodiscard]] int64_t strip_bytes(quant::QuantType type, int64_t cols) noexcept;
/// Bytes of a packed [rows, cols] matrix: whole strips, the rows past `rows` zero.
[[nodiscard]] int64_t packed_bytes(quant::QuantType type, int64_t rows, int64_t cols) noexcept;

/// Source rows of one strip; null packs as a row of zeros.
using StripRows = std::array<const std::byte*, kStripRows>;

/// Packs one strip from 32 rows of the same format as in a file. out: strip_bytes(type, cols) bytes.
/// Exact: unpack_row gives the bits that quant's dequantize gives.
void pack_strip(quant::QuantType type, const StripRows& rows, int64_t cols, std::byte* out);

/// Row `row` of a packed matrix as f32. out: [cols].
void unpack_row(quant::QuantType type, const std::byte* packed, int64_t row, int64_t cols,
                float* out) noexcept;

}  // namespace pio::kernels
