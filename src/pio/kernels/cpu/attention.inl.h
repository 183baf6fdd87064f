// SPDX-License-Identifier: Apache-2.0
// Attention of a set of query heads over one KV head, the arithmetic of reference/attention.cpp. Query heads
// share every loaded key and value: six of them by up to four vectors of keys (or of value dims) make a
// register tile. Included once per instruction set, after its simd16_<isa>.h.
//
// Split-KV, if ever wanted (few tasks, long context): tasks of one 512-key segment each write (max, sum,
// part) of their queries to workspace, and a second step merges them in segment order: the same bits.
#pragma once

#include <limits>

#include "pio/kernels/params.h"

namespace pio::kernels {
namespace {

constexpr float kMinusInfinity = -std::numeric_limits<float>::infinity();
constexpr int kTileQueries = 6;
constexpr int64_t kVectorsInChunk = kKeyChunk / 16;

/// One query row and head, with its running softmax.
struct Query {
  const float* q;
  const float* mask;  ///< added to scores, indexed by key; or null
  const float* sink;  ///< or null
  float* out;
  int64_t first, end;  ///< keys seen
  float max = kMinusInfinity;  ///< of the segment so far
  float sum = 0;
  float total_max = kMinusInfinity;  ///< of the segments before it
  float total_sum = 0;
  float* part = nullptr;  ///< [padded value_dim] of the segment
  float* total = nullptr;
  int64_t lo = 0, hi = 0;  ///< keys of this chunk that count, less the chunk's base; lo == hi: none
};

struct AttentionRule {
  int64_t head_dim, value_dim;
  float scale, softcap;
  [[gnu::always_inline]] [[nodiscard]] int64_t padded() const noexcept { return (value_dim + 15) & ~15; }
};

/// Where a chunk's 64 keys and values lie: key j, dim i at key[j / 16][i * key_stride + j % 16]; value j at
/// value[j / run][j % run * value_stride]. Pages without a key in use are never looked at.
template <class T>
struct Chunk {
  const T* key[kVectorsInChunk];
  const T* value[kVectorsInChunk];
  const T* next[kVectorsInChunk];  ///< where the next chunk's keys lie, to be fetched meanwhile
  int64_t key_stride, value_stride, run;
};

/// Keys [base + lo, base + hi) of a chunk; there are keys until `end`.
struct KeyRange {
  int64_t base, lo, hi, end;
};

/// c[r] (+)= sum over i < n of a[r][i] * b[i], in order of i: a tile of rows by 16-lane vectors.
template <class T>
struct Product {
  const float* a[kTileQueries];
  const T* b[kVectorsInChunk];
  int64_t b_stride, n;
  int64_t ahead_bytes;  ///< f16 only: from a b in use to what should be fetched at the same time
  float* c[kTileQueries];
};

template <class T, bool kFresh, int kRows, int kVectors>
void multiply(const Product<T>& m) noexcept {
  V16 sums[kRows][kVectors];
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) {
      sums[r][v] = kFresh ? broadcast(0.0f) : load(m.c[r] + 16 * v);
    }
  }
  const float* a[kRows];
  const T* b[kVectors];
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
    a[r] = m.a[r];
  }
#pragma GCC unroll 8
  for (int v = 0; v < kVectors; ++v) {
    b[v] = m.b[v];
  }
  const int64_t stride = m.b_stride;
  const int64_t n = m.n;
  const int64_t ahead = m.ahead_bytes;
  for (int64_t i = 0, at = 0; i < n; ++i, at += stride) {
    V16 x[kVectors];
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) {
      x[v] = load(b[v] + at);
      if constexpr (sizeof(T) == 2) {
        _mm_prefetch(reinterpret_cast<const char*>(b[v] + at) + ahead, _MM_HINT_T0);
      }
    }
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      const V16 y = broadcast(a[r][i]);
#pragma GCC unroll 8
      for (int v = 0; v < kVectors; ++v) {
        sums[r][v] = fma(y, x[v], sums[r][v]);
      }
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) {
      store(m.c[r] + 16 * v, sums[r][v]);
    }
  }
}

template <class T, bool kFresh, int kVectors>
void multiply_rows(const Product<T>& m, int rows) noexcept {
  switch (rows) {
    case 1:
      return multiply<T, kFresh, 1, kVectors>(m);
    case 2:
      return multiply<T, kFresh, 2, kVectors>(m);
    case 3:
      return multiply<T, kFresh, 3, kVectors>(m);
    case 4:
      return multiply<T, kFresh, 4, kVectors>(m);
    case 5:
      return multiply<T, kFresh, 5, kVectors>(m);
    default:
      return multiply<T, kFresh, 6, kVectors>(m);
  }
}

template <class T, bool kFresh>
void multiply_any(const Product<T>& m, int rows, int64_t vectors) noexcept {
  if constexpr (kTileVectors >= 4) {
    switch (vectors) {
      case 4:
        return multiply_rows<T, kFresh, 4>(m, rows);
      case 3:
        return multiply_rows<T, kFresh, 3>(m, rows);
      case 2:
        return multiply_rows<T, kFresh, 2>(m, rows);
      default:
        break;
    }
  }
  multiply_rows<T, kFresh, 1>(m, rows);
}

/// Bytes from a to b, which may lie in different pages: for prefetches alone.
[[gnu::always_inline]] inline int64_t distance(const void* a, const void* b) noexcept {
  return static_cast<int64_t>(reinterpret_cast<uintptr_t>(b) - reinterpret_cast<uintptr_t>(a));
}

/// scores[r] = q[r] . keys, for the chunk's key vectors [begin, end).
template <class T>
void score(const Chunk<T>& chunk, const AttentionRule& rule, const Query* queries, int rows, int64_t begin,
           int64_t end, float* scores) noexcept {
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
    }
    for (int r = 0; r < rows; ++r) {
      m.c[r] = scores + r * kKeyChunk + 16 * v;
    }
    multiply_any<T, true>(m, rows, width);
  }
}

/// Adds p * value of keys [lo, hi), which lie in one run, to the parts of `rows` queries.
template <class T>
void add_run(const Chunk<T>& chunk, const AttentionRule& rule, const Query* queries, int rows, int64_t lo,
             int64_t hi, const float* p) noexcept {
  if (lo >= hi) {
    return;
  }
  const T* value = chunk.value[lo / chunk.run] + lo % chunk.run * chunk.value_stride;
  Product<T> m{};
  m.b_stride = chunk.value_stride;
  m.n = hi - lo;
  m.ahead_bytes = distance(chunk.value[lo / chunk.run], chunk.next[lo / chunk.run]);
  for (int r = 0; r < rows; ++r) {
    m.a[r] = p + r * kKeyChunk + lo;
  }
  const int64_t vectors = rule.padded() / 16;
  for (int64_t v = 0; v < vectors; v += kTileVectors) {
    const int64_t width = vectors - v < kTileVectors ? vectors - v : kTileVectors;
    for (int64_t i = 0; i < width; ++i) {
      m.b[i] = value + 16 * (v + i);
    }
    for (int r = 0; r < rows; ++r) {
      m.c[r] = queries[r].part + 16 * v;
    }
    multiply_any<T, false>(m, rows, width);
  }
}

/// The same for keys in any runs.
template <class T>
void add_keys(const Chunk<T>& chunk, const AttentionRule& rule, const Query* queries, int rows, int64_t lo,
              int64_t hi, const float* p) noexcept {
  while (lo < hi) {
    const int64_t stop = (lo / chunk.run + 1) * chunk.run;
    add_run(chunk, rule, queries, rows, lo, stop < hi ? stop : hi, p);
    lo = stop;
  }
}

/// Dot products of one vector of keys to final scores.
[[gnu::always_inline]] inline V16 finish_score(const AttentionRule& rule, V16 dots) noexcept {
  const V16 x = mul(dots, broadcast(rule.scale));
  if (rule.softcap == 0.0f) {
    return x;
  }
  const V16 cap = broadcast(rule.softcap);
  return mul(cap, tanh(div(x, cap)));
}

/// All dot products of a chunk to final scores. Returns the new running maximum.
[[gnu::always_inline]] inline float finish_whole(const AttentionRule& rule, float max_before,
                                                 float* s) noexcept {
  V16 x[kVectorsInChunk];
#pragma GCC unroll 4
  for (int v = 0; v < kVectorsInChunk; ++v) {
    x[v] = finish_score(rule, load(s + 16 * v));
    store(s + 16 * v, x[v]);
  }
  const V16 before = broadcast(max_before);
  return max_lane(max(max(x[0], max(x[1], before)), max(x[2], max(x[3], before))));
}

/// The same for keys [lo, hi) of a chunk; the others' scores become -inf.
inline float finish_part(const AttentionRule& rule, const Query& query, int64_t base, float* s) noexcept {
  V16 max_so_far = broadcast(query.max);
  for (int64_t at = query.lo & ~15; at < query.hi; at += 16) {
    V16 x = finish_score(rule, load(s + at));
    const int64_t begin = query.lo > at ? query.lo - at : 0;
    const int64_t end = query.hi - at < 16 ? query.hi - at : 16;
    if (query.mask != nullptr) {
      x = add(x, load_part(query.mask + base + at, end));
    }
    x = keep_lanes(x, begin, end, broadcast(kMinusInfinity));
    max_so_far = max(x, max_so_far);
    store(s + at, x);
  }
  return max_lane(max_so_far);
}

/// Score to weight.
[[gnu::always_inline]] inline V16 weight(V16 x, V16 top) noexcept {
  return zero_where_equal(x, broadcast(kMinusInfinity), exp(sub(x, top)));
}

/// Scores to weights; returns their sum in 16 lanes.
[[gnu::always_inline]] inline float exp_scores(const Query& query, float new_max, float* s) noexcept {
  const V16 top = broadcast(new_max);
  V16 sums = broadcast(0.0f);
  if (query.lo == 0 && query.hi == kKeyChunk) {
    V16 p[kVectorsInChunk];
#pragma GCC unroll 4
    for (int v = 0; v < kVectorsInChunk; ++v) {
      p[v] = weight(load(s + 16 * v), top);
      store(s + 16 * v, p[v]);
    }
#pragma GCC unroll 4
    for (int v = 0; v < kVectorsInChunk; ++v) {
      sums = add(sums, p[v]);
    }
    return sum_lanes(sums);
  }
  for (int64_t at = query.lo & ~15; at < query.hi; at += 16) {
    const V16 p = weight(load(s + at), top);
    sums = add(sums, p);
    store(s + at, p);
  }
  return sum_lanes(sums);
}

[[gnu::always_inline]] inline void scale_part(float* part, float alpha, int64_t count) noexcept {
  for (int64_t i = 0; i < count; i += 16) {
    store(part + i, mul(load(part + i), broadcast(alpha)));
  }
}

/// Turns the scores of a tile into weights and rescales its parts. A query whose scores are all -inf (or NaN
/// before any other) keeps its state and takes no values.
inline void soften(const AttentionRule& rule, Query* queries, int rows, int64_t base,
                   float* scores) noexcept {
  alignas(64) float alpha[16] = {};
  float new_max[kTileQueries] = {};
  for (int r = 0; r < rows; ++r) {
    const Query& query = queries[r];
    float* s = scores + r * kKeyChunk;
    const bool whole = query.lo == 0 && query.hi == kKeyChunk && query.mask == nullptr;
    new_max[r] = whole ? finish_whole(rule, query.max, s) : finish_part(rule, query, base, s);
    alpha[r] = queries[r].max - new_max[r];
  }
  store(alpha, exp(load(alpha)));
  for (int r = 0; r < rows; ++r) {
    Query& query = queries[r];
    if (new_max[r] == kMinusInfinity || query.lo == query.hi) {
      query.lo = query.hi = 0;
      continue;
    }
    const float factor = query.max == kMinusInfinity ? 0.0f : alpha[r];
    const float sum = exp_scores(query, new_max[r], scores + r * kKeyChunk);
    query.max = new_max[r];
    query.sum = __builtin_fmaf(query.sum, factor, sum);
    if (factor != 1.0f) {
      scale_part(query.part, factor, rule.padded());
    }
  }
}

/// One chunk for up to six queries. scores: [rows, 64], of this tile alone.
template <class T>
void attend_tile(const Chunk<T>& chunk, const AttentionRule& rule, Query* queries, int rows, int64_t base,
                 float* scores) noexcept {
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
  // Keys that all queries see go through the tile; those at the rims one query at a time, since even
  // a weight of 0 could turn a sum of -0 or meet a value that was never written.
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

/// Adds a finished segment (max, sum, part) to the total.
inline void merge_part(Query& query, int64_t count) noexcept {
  if (query.max == kMinusInfinity) {
    return;
  }
  if (query.total_max == kMinusInfinity) {
    float* free_row = query.total;
    query.total = query.part;
    query.part = free_row;
    query.total_max = query.max;
    query.total_sum = query.sum;
    return;
  }
  const float top = query.max > query.total_max ? query.max : query.total_max;
  alignas(64) float factor[16] = {query.total_max - top, query.max - top};
  store(factor, exp(load(factor)));
  query.total_max = top;
  query.total_sum = __builtin_fmaf(query.total_sum, factor[0], query.sum * factor[1]);
  for (int64_t i = 0; i < count; i += 16) {
    const V16 other = mul(load(query.part + i), broadcast(factor[1]));
    store(query.total + i, fma(load(query.total + i), broadcast(factor[0]), other));
  }
}

inline void clear_part(Query& query, int64_t count) noexcept {
  query.max = kMinusInfinity;
  query.sum = 0;
  for (int64_t i = 0; i < count; i += 16) {
    store(query.part + i, broadcast(0.0f));
  }
}

inline void finish_query(const AttentionRule& rule, Query& query) noexcept {
  const int64_t count = rule.padded();
  if (query.sink != nullptr) {
    clear_part(query, count);
    query.max = *query.sink;
    query.sum = 1;
    merge_part(query, count);
  }
  if (query.total_max == kMinusInfinity) {  // no key at all
    clear_part(query, count);
    query.total = query.part;
  }
  const V16 sum = broadcast(query.total_sum);
  for (int64_t i = 0; i < rule.value_dim; i += 16) {
    const int64_t n = rule.value_dim - i < 16 ? rule.value_dim - i : 16;
    store_part(query.out + i, div(load(query.total + i), sum), n);
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
  return {.queries = lost ? 0 : queries < kPassQueries ? queries : kPassQueries, .can_widen = can_widen};
}

/// All keys of up to kPassQueries queries. source.for_chunk(keys, widened, body) calls body(Chunk) for those
/// keys, copied as f32 to `widened` if it is not null.
template <class Source>
void attend_pass(const Source& source, const AttentionRule& rule, Query* queries, int64_t count,
                 bool widen, float* arena) noexcept {
  const int64_t padded = rule.padded();
  float* const scores = arena;
  float* const states = scores + kTileQueries * kKeyChunk;
  float* const widened = states + 2 * padded * count;
  int64_t first = INT64_MAX;
  int64_t end = 0;
  for (int64_t n = 0; n < count; ++n) {
    Query& query = queries[n];
    query.part = states + 2 * padded * n;
    query.total = query.part + padded;
    first = query.first < first ? query.first : first;
    end = query.end > end ? query.end : end;
  }
  for (int64_t segment = first / kKeySegment * kKeySegment; segment < end; segment += kKeySegment) {
    for (int64_t n = 0; n < count; ++n) {
      clear_part(queries[n], padded);
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
        source.for_chunk(keys, widen ? widened : nullptr, [&](const auto& chunk) {
          attend_chunk(chunk, rule, queries, count, base, scores);
        });
      }
    }
    for (int64_t n = 0; n < count; ++n) {
      merge_part(queries[n], padded);
    }
  }
  for (int64_t n = 0; n < count; ++n) {
    finish_query(rule, queries[n]);
  }
}

}  // namespace
}  // namespace pio::kernels
