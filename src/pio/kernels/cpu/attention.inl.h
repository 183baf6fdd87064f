// SPDX-License-Identifier: Apache-2.0
// Attention of a set of query heads over one KV head, the arithmetic of reference/attention.cpp.
// Query heads share every loaded key and value: six of them by up to four vectors of keys (or of
// value dims) make a register tile. Included once per instruction set, after its simd16_<isa>.h.
#pragma once

#include "pio/kernels/attention_split.h"
#include "pio/kernels/cpu/attention_softmax.inl.h"

namespace pio::kernels {
namespace {

/// Where a chunk's 64 keys and values lie: key j, dim i at key[j / 16][i * key_stride + j % 16];
/// value j at value[j / run][j % run * value_stride]. Pages without a key in use are never looked
/// at.
template <class T>
struct Chunk {
  const T* key[kVectorsInChunk];
  const T* value[kVectorsInChunk];
  const T* next[kVectorsInChunk];  ///< where the next chunk's keys lie, to be fetched meanwhile
  int64_t key_stride, value_stride, run;
  /// 8-bit codes only: the scales of 16 keys, [blocks of head_dim][16] and [16][value_blocks].
  const float* key_scale[kVectorsInChunk];
  const float* value_scale[kVectorsInChunk];
  int64_t value_blocks;
};

/// Keys [base + lo, base + hi) of a chunk; there are keys until `end`.
struct KeyRange {
  int64_t base, lo, hi, end;
};

/// Bytes from a to b, which may lie in different pages: for prefetches alone.
[[gnu::always_inline]] inline int64_t distance(const void* a, const void* b) noexcept {
  return static_cast<int64_t>(reinterpret_cast<uintptr_t>(b) - reinterpret_cast<uintptr_t>(a));
}

/// scores[r] = q[r] . keys, for the chunk's key vectors [begin, end).
template <class T>
void score(const Chunk<T>& chunk, const AttentionRule& rule, const Query* queries, int rows,
           int64_t begin, int64_t end, float* scores) noexcept {
  Product<T> m{};
  m.b_stride = chunk.key_stride;
  m.n = rule.head_dim;
  m.ahead_bytes = distance(chunk.key[begin], chunk.value[begin]);
  for (int r = 0; r < rows; ++r) {
    m.a[r] = queries[r].q;
  }
  for (int64_t v = begin; v < end; v += kTileVectors) {
    const int64_t width = end - v < kTileVectors ? end - v : kTileVectors;
    for (int64_t i = 0; i < width; ++i) {
      m.b[i] = chunk.key[v + i];
      m.scale[i] = chunk.key_scale[v + i];
    }
    for (int r = 0; r < rows; ++r) {
      m.c[r] = scores + r * kKeyChunk + 16 * v;
    }
    multiply_any<T, true>(m, rows, width);
  }
}

/// Adds p * value of keys [lo, hi), which lie in one run, to the parts of `rows` queries.
template <class T>
void add_run(const Chunk<T>& chunk, const AttentionRule& rule, const Query* queries, int rows,
             int64_t lo, int64_t hi, const float* p) noexcept {
  if (lo >= hi) {
    return;
  }
  const T* value = chunk.value[lo / chunk.run] + lo % chunk.run * chunk.value_stride;
  Product<T> m{};
  m.b_stride = chunk.value_stride;
  m.n = hi - lo;
  [[maybe_unused]] const float* scale = nullptr;
  if constexpr (sizeof(T) == 1) {
    scale = chunk.value_scale[lo / chunk.run] + lo % chunk.run * chunk.value_blocks;
    m.scale_stride = chunk.value_blocks;
  }
  m.ahead_bytes = distance(chunk.value[lo / chunk.run], chunk.next[lo / chunk.run]);
  for (int r = 0; r < rows; ++r) {
    m.a[r] = p + r * kKeyChunk + lo;
  }
  const int64_t vectors = rule.padded() / 16;
  for (int64_t v = 0; v < vectors; v += kTileVectors) {
    const int64_t width = vectors - v < kTileVectors ? vectors - v : kTileVectors;
    for (int64_t i = 0; i < width; ++i) {
      m.b[i] = value + 16 * (v + i);
      if constexpr (sizeof(T) == 1) {
        m.scale[i] = scale + 16 * (v + i) / kKvBlock;
      }
    }
    for (int r = 0; r < rows; ++r) {
      m.c[r] = queries[r].part + 16 * v;
    }
    multiply_any<T, false>(m, rows, width);
  }
}

/// The same for keys in any runs.
template <class T>
void add_keys(const Chunk<T>& chunk, const AttentionRule& rule, const Query* queries, int rows,
              int64_t lo, int64_t hi, const float* p) noexcept {
  while (lo < hi) {
    const int64_t stop = (lo / chunk.run + 1) * chunk.run;
    add_run(chunk, rule, queries, rows, lo, stop < hi ? stop : hi, p);
    lo = stop;
  }
}

/// One chunk for up to six queries. scores: [rows, 64], of this tile alone.
template <class T>
void attend_tile(const Chunk<T>& chunk, const AttentionRule& rule, Query* queries, int rows,
                 int64_t base, float* scores) noexcept {
  int64_t begin = kKeyChunk;
  int64_t end = 0;
  for (int r = 0; r < rows; ++r) {
    if (queries[r].lo < queries[r].hi) {
      begin = queries[r].lo < begin ? queries[r].lo : begin;
      end = queries[r].hi > end ? queries[r].hi : end;
    }
  }
  if (begin >= end) {
    return;
  }
  score(chunk, rule, queries, rows, begin / 16, (end + 15) / 16, scores);
  soften(rule, queries, rows, base, scores);
  // Keys that all queries see go through the tile; those at the rims one query at a time, since
  // even a weight of 0 could turn a sum of -0 or meet a value that was never written.
  int64_t all_begin = 0;
  int64_t all_end = kKeyChunk;
  for (int r = 0; r < rows; ++r) {
    all_begin = queries[r].lo > all_begin ? queries[r].lo : all_begin;
    all_end = queries[r].hi < all_end ? queries[r].hi : all_end;
  }
  all_begin = all_begin < all_end ? all_begin : all_end;
  for (int r = 0; r < rows; ++r) {
    const int64_t stop = all_begin < all_end ? all_begin : queries[r].hi;
    add_keys(chunk, rule, queries + r, 1, queries[r].lo, stop, scores + r * kKeyChunk);
  }
  if (all_begin < all_end) {
    add_keys(chunk, rule, queries, rows, all_begin, all_end, scores);
    for (int r = 0; r < rows; ++r) {
      add_keys(chunk, rule, queries + r, 1, all_end, queries[r].hi, scores + r * kKeyChunk);
    }
  }
}

template <class T>
void attend_chunk(const Chunk<T>& chunk, const AttentionRule& rule, Query* queries, int64_t count,
                  int64_t base, float* scores) noexcept {
  const int64_t tiles = (count + kTileQueries - 1) / kTileQueries;
  const int64_t width = (count + tiles - 1) / tiles;
  for (int64_t at = 0; at < count; at += width) {
    const auto rows = static_cast<int>(count - at < width ? count - at : width);
    attend_tile(chunk, rule, queries + at, rows, base, scores);
  }
}

/// Floats of scratch on the stack of a call: states of a pass, scores of a tile, a widened chunk.
constexpr int64_t kArenaFloats = 64 * 1024;
constexpr int64_t kPassQueries = 96;

/// How a pass uses the arena.
struct Pass {
  int64_t queries;  ///< at most in one pass; 0: this shape is left to the reference
  bool can_widen;   ///< whether a chunk fits besides
};

inline Pass plan_pass(const AttentionRule& rule, bool must_widen) noexcept {
  const int64_t room = kArenaFloats - kTileQueries * kKeyChunk;
  const int64_t widened = kKeyChunk * (rule.head_dim + rule.padded());
  const bool can_widen = widened <= room / 4 * 3;
  const int64_t queries = (can_widen ? room - widened : room) / (2 * rule.padded());
  const bool lost = queries < 1 || (must_widen && !can_widen);
  return {.queries = lost                     ? 0
                     : queries < kPassQueries ? queries
                                              : kPassQueries,
          .can_widen = can_widen};
}

/// What a pass keeps in its arena besides the queries' states.
struct PassMemory {
  float* scores;   ///< [kTileQueries, kKeyChunk]
  float* widened;  ///< a chunk as f32; null: the cache is read in place
};

/// Keys of the queries from `segment` on to its end, into parts that begin anew. source.for_chunk(keys, widened, body)
/// calls body(Chunk) for those keys, copied as f32 to `widened` if it is not null. end: of all keys of the queries.
template <class Source>
void attend_segment(const Source& source, const AttentionRule& rule, Query* queries, int64_t count, int64_t segment,
                    int64_t end, const PassMemory& memory) noexcept {
  for (int64_t n = 0; n < count; ++n) {
    clear_part(queries[n], rule.padded());
  }
  for (int64_t base = segment; base < segment + kKeySegment && base < end; base += kKeyChunk) {
    int64_t lo = kKeyChunk;
    int64_t hi = 0;
    for (int64_t n = 0; n < count; ++n) {
      Query& query = queries[n];
      query.lo = query.first > base ? query.first - base : 0;
      query.hi = query.end - base < kKeyChunk ? query.end - base : kKeyChunk;
      if (query.lo >= query.hi) {
        query.lo = query.hi = 0;
        continue;
      }
      lo = query.lo < lo ? query.lo : lo;
      hi = query.hi > hi ? query.hi : hi;
    }
    if (lo < hi) {
      const KeyRange keys{.base = base, .lo = lo, .hi = hi, .end = end};
      source.for_chunk(keys, memory.widened, [&](const auto& chunk) {
        attend_chunk(chunk, rule, queries, count, base, memory.scores);
      });
    }
  }
}

[[gnu::always_inline]] inline int64_t last_end(const Query* queries, int64_t count) noexcept {
  int64_t end = 0;
  for (int64_t n = 0; n < count; ++n) {
    end = queries[n].end > end ? queries[n].end : end;
  }
  return end;
}

/// All keys of up to kPassQueries queries, in an arena.
struct WholePass {
  template <class Source>
  void operator()(const Source& source, const AttentionRule& rule, Query* queries, int64_t count, bool widen,
                  float* arena) const noexcept {
    const int64_t padded = rule.padded();
    float* const states = arena + kTileQueries * kKeyChunk;
    const PassMemory memory{.scores = arena, .widened = widen ? states + 2 * padded * count : nullptr};
    int64_t first = INT64_MAX;
    for (int64_t n = 0; n < count; ++n) {
      queries[n].part = states + 2 * padded * n;
      queries[n].total = queries[n].part + padded;
      first = queries[n].first < first ? queries[n].first : first;
    }
    const int64_t end = last_end(queries, count);
    for (int64_t segment = first / kKeySegment * kKeySegment; segment < end; segment += kKeySegment) {
      attend_segment(source, rule, queries, count, segment, end, memory);
      for (int64_t n = 0; n < count; ++n) {
        merge_part(queries[n], padded);
      }
    }
    for (int64_t n = 0; n < count; ++n) {
      finish_query(rule, queries[n]);
    }
  }
};

/// Keys of one segment, whose results are left in the queries' parts, which lie in the workspace.
struct SegmentPass {
  int64_t segment;  ///< its first key
  template <class Source>
  void operator()(const Source& source, const AttentionRule& rule, Query* queries, int64_t count, bool widen,
                  float* arena) const noexcept {
    const PassMemory memory{.scores = arena, .widened = widen ? arena + kTileQueries * kKeyChunk : nullptr};
    attend_segment(source, rule, queries, count, segment, last_end(queries, count), memory);
    for (int64_t n = 0; n < count; ++n) {
      float* const slot = queries[n].part - kPartValues;
      slot[0] = queries[n].max;
      slot[1] = queries[n].sum;
    }
  }
};

}  // namespace
}  // namespace pio::kernels
