// SPDX-License-Identifier: Apache-2.0
// How the work of attention is cut into tasks: by KV heads and rows, and for few rows with long caches by segments
// of keys too, whose partial results a second kernel merges. No bit depends on it.
#pragma once

#include "pio/kernels/params.h"

namespace pio::kernels {

/// Rows of one attention task. Small batches are cut finely, so that a few decode rows keep every
/// thread busy; a kernel handles neighbouring tasks of its range together.
[[nodiscard, gnu::always_inline]] constexpr int64_t attention_task_rows(int64_t rows) noexcept {
  return rows < 64 ? 1 : rows < 256 ? 16 : 32;
}

/// The first key that the row at `position` sees. window: 0: all before it.
[[nodiscard, gnu::always_inline]] constexpr int64_t first_key(int64_t position, int64_t window) noexcept {
  return window > 0 && position >= window ? position - window + 1 : 0;
}

/// Most rows of a batch that is cut by segments.
inline constexpr int64_t kSplitRows = 8;

/// Segments [first, first + count) of kKeySegment keys hold all that the rows of a batch see. count 1: tasks see all
/// keys of their rows, and nothing is left to merge.
struct AttentionSplit {
  int64_t first = 0;
  int64_t count = 1;
};

[[nodiscard, gnu::always_inline]] inline AttentionSplit attention_split(const AttentionParams& p) noexcept {
  const int64_t rows = p.rows.get();
  if (p.parts == nullptr || rows == 0 || rows > kSplitRows) {
    return {};
  }
  AttentionSplit out{.first = first_key(p.kv.positions[0], p.window) / kKeySegment, .count = 0};
  int64_t end = 0;
  for (int64_t r = 0; r < rows; ++r) {
    const int64_t position = p.kv.positions[r];
    const int64_t first = first_key(position, p.window) / kKeySegment;
    out.first = first < out.first ? first : out.first;
    end = position / kKeySegment + 1 > end ? position / kKeySegment + 1 : end;
  }
  out.count = end - out.first;
  return out.count > 1 && out.count * rows <= p.part_rows ? out : AttentionSplit{};
}

/// The result of one row and head over one segment: max and sum of its softmax, then from kPartValues on the weighted
/// sum of its values, [value_dim] padded to 16.
inline constexpr int64_t kPartValues = 16;
[[nodiscard, gnu::always_inline]] constexpr int64_t attention_part_floats(int64_t value_dim) noexcept {
  return kPartValues + (value_dim + 15) / 16 * 16;
}

/// Where it lies.
[[nodiscard, gnu::always_inline]] inline float* attention_part(const AttentionParams& p, const AttentionSplit& split,
                                                               int64_t segment, int64_t row, int64_t head) noexcept {
  const int64_t part_row = (segment - split.first) * p.rows.get() + row;
  return p.parts + (part_row * p.heads + head) * attention_part_floats(p.kv.value_dim);
}

}  // namespace pio::kernels
