// SPDX-License-Identifier: Apache-2.0
// Attention's running softmax: scores to weights, rescaling, merging of segments, the final
// quotient. Included once per instruction set, after its simd16_<isa>.h.
#pragma once

#include <limits>

#include "pio/kernels/cpu/attention_tile.inl.h"

namespace pio::kernels {
namespace {

constexpr float kMinusInfinity = -std::numeric_limits<float>::infinity();

/// One query row and head, with its running softmax.
struct Query {
  const float* q;
  const float* mask;  ///< added to scores, indexed by key; or null
  const float* sink;  ///< or null
  float* out;
  int64_t first, end;          ///< keys seen
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
  [[gnu::always_inline]] [[nodiscard]] int64_t padded() const noexcept {
    return (value_dim + 15) & ~15;
  }
};

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
inline float finish_part(const AttentionRule& rule, const Query& query, int64_t base,
                         float* s) noexcept {
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
[[gnu::always_inline]] inline float exp_scores(const Query& query, float new_max,
                                               float* s) noexcept {
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

/// Turns the scores of a tile into weights and rescales its parts. A query whose scores are all
/// -inf (or NaN before any other) keeps its state and takes no values.
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

}  // namespace
}  // namespace pio::kernels
