// SPDX-License-Identifier: Apache-2.0
// Parameter structs of all kernels: plain pointers, strides and numbers. Strides count elements of the
// pointed-to type unless they end in _bytes. Each docstring defines the result; reference/ computes it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "pio/kernels/array_params.h"
#include "pio/kernels/kernel.h"
#include "pio/kernels/kv_layout.h"
#include "pio/kernels/probe_params.h"
#include "pio/quant/quant_type.h"

namespace pio::kernels {

/// Largest head_dim and value_dim of attention and rope.
inline constexpr int64_t kMaxHeadDim = 1024;

/// out[r] = weight[ids[r]] * scale. weight: packed [vocab, dim]; ids: [rows] i32; out: [rows, dim] f32.
/// One task per row. An id outside [0, vocab) gives a row of NaN (requests are checked before).
struct EmbedRowsParams {
  const std::byte* weight;
  quant::QuantType type;
  const int32_t* ids;
  Count rows;
  int64_t vocab, dim;
  float scale;
  float* out;
  int64_t out_stride;
};

/// Root-mean-square norm of each row: y = x / sqrt(sum(x^2) / dim + eps) * weight.
/// x, out: [rows, dim] f32; weight: [dim] f32 or null. The squares are summed in 16 lanes (index mod 16),
/// lanes added pairwise 8, 4, 2, 1 apart. One task per row.
struct RmsNormParams {
  const float* x;
  int64_t x_stride;
  const float* weight;
  float eps;
  Count rows;
  int64_t dim;
  float* out;
  int64_t out_stride;
};

/// Layer norm of each row: y = (x - mean) / sqrt(mean((x - mean)^2) + eps) * weight + bias, two passes, each
/// summed in 16 lanes as above. x, out: [rows, dim] f32; weight, bias: [dim] f32 or null. One task per row.
struct LayerNormParams {
  const float* x;
  int64_t x_stride;
  const float* weight;
  const float* bias;
  float eps;
  Count rows;
  int64_t dim;
  float* out;
  int64_t out_stride;
};

/// Facts of one block of 32 quantized activations.
struct ActivationBlock {
  float scale;         ///< max |x| / 127
  float scale_sum;     ///< scale * sum of the 32 quantized values
  int32_t offset;      ///< -8 * sum: what sums over codes with an offset of 8 start from
  int32_t offset_low;  ///< the same of the first 16 values
};

/// A row of `dim` quantized activations: dim s8, padded to 64 bytes, then an ActivationBlock per 32. Where
/// these begin, and the bytes of the whole.
[[nodiscard, gnu::always_inline]] constexpr int64_t activation_blocks_offset(int64_t dim) noexcept {
  return (dim + 63) / 64 * 64;
}
[[nodiscard, gnu::always_inline]] constexpr int64_t activation_row_bytes(int64_t dim) noexcept {
  constexpr int64_t kBlockBytes = sizeof(ActivationBlock);
  return activation_blocks_offset(dim) + (dim / 32 * kBlockBytes + 63) / 64 * 64;
}

/// What rows are made of that a matmul takes in another form than f32.
enum class RowFormat : uint8_t {
  kQ8,    ///< quantized activations as above, for integer formats; dim is a multiple of 32
  kBF16,  ///< bf16 for weights of bf16: a 32-bit word for two values, the earlier in its high half; zeros up to
          ///< a multiple of 32 values
};

/// Bytes of a row of `dim` values.
[[nodiscard, gnu::always_inline]] constexpr int64_t row_bytes(RowFormat format, int64_t dim) noexcept {
  return format == RowFormat::kQ8 ? activation_row_bytes(dim) : (dim + 31) / 32 * 64;
}

/// Brings each row to `format`. Q8: in blocks of 32, q = round_to_even(x * (127 / max)), and a NaN in a block makes
/// its scale NaN. BF16: to nearest even. x: [rows, dim] f32; out: rows of row_bytes(format, dim). One task per row.
struct QuantRowsParams {
  RowFormat format;
  const float* x;
  int64_t x_stride;
  Count rows;
  int64_t dim;
  std::byte* out;
  int64_t out_stride_bytes;
};

/// quant_rows(rms_norm(x)), the same bits; dim a multiple of 32. One task per row.
struct RmsNormQuantParams {
  RowFormat format;
  RmsNormParams norm;  ///< norm.out unused
  std::byte* out;
  int64_t out_stride_bytes;
};

/// What happens to a matmul's sums before they are stored.
enum class Epilogue : uint8_t {
  kStore,        ///< out = sum [+ bias] [+ residual]
  kSwiGlu,       ///< rows interleaved gate 32, up 32: out = silu(gate) * up, half as wide
  kSwiGluQuant,  ///< the same as rows of out_format, in out_quant
};

/// out = x * weight^T: y[r][n] = sum over k of x[r][k] * w[n][k], one lane per output, k in order.
/// weight: packed [out_features, in_features] (layouts/packed.h). Integer formats take activation rows:
/// per 32-block (float)exact int32 sum * (weight scale * activation scale), fused into the sum in block
/// order; mins apart, added at the end. F32 and F16 take f32 rows and fuse each product. BF16 takes rows of bf16 and
/// fuses each product too, but what is subnormal, a value, a weight or a sum, counts as zero: vdpbf16ps does it so.
/// Tasks: strips of 32 weight rows (pairs of strips for SwiGLU).
struct MatmulParams {
  const std::byte* weight;
  int64_t out_features, in_features;
  const std::byte* x;
  int64_t x_stride_bytes;
  Count rows;
  Epilogue epilogue;
  const float* bias;  ///< [out_features] or null
  const float* residual;  ///< [rows, out_features] or null
  int64_t residual_stride;
  float* out;
  int64_t out_stride;
  std::byte* out_quant;
  int64_t out_quant_stride_bytes;
  RowFormat out_format;  ///< of out_quant
};

/// cos and sin of positions[r] * inv_freq[i], times `factor`: out[r] = [half cos, half sin] f32. The angle
/// is rounded to f32 as in the reference implementations, its cos and sin are computed in f64.
/// One task per row.
struct RopeTableParams {
  const int32_t* positions;
  const float* inv_freq;  ///< [half]
  Count rows;
  int64_t half;
  float factor;
  float* out;
};

/// Rotates the first 2 * half dims of every head by the row's angles; the others pass through.
/// Pairs are (i, i + half), or (2i, 2i + 1) when interleaved. x, out: [rows, heads, head_dim] f32.
/// With `norm` the heads are rms_norm(x, norm, eps) over head_dim, the same bits. One task per row.
struct RopeParams {
  const float* x;
  int64_t x_stride;
  const float* norm;   ///< [head_dim] or null
  float eps;           ///< of the norm
  const float* table;  ///< [rows, 2 * half]
  Count rows;
  int64_t heads, head_dim, half;
  bool interleaved;
  float* out;
  int64_t out_stride;
};

/// A layer's paged cache: page p lies at pages + p * page_bytes and holds the KV heads one after the
/// other, each as kv_head_layout() says.
struct KvView {
  std::byte* pages;
  int64_t page_bytes;
  KvType type;
  int64_t kv_heads, head_dim, value_dim;
  const int32_t* page_tables;  ///< [sequences, table_stride] page numbers
  int64_t table_stride;
  const int32_t* positions;  ///< [rows]
  const int32_t* sequence;   ///< [rows] row -> sequence
};

/// Stores each row's keys and values at its position. k: [rows, kv_heads, head_dim] f32,
/// v: [rows, kv_heads, value_dim] f32, rounded to the cache's type. One task per row.
struct KvWriteParams {
  const float* k;
  int64_t k_stride;
  const float* v;
  int64_t v_stride;
  Count rows;
  KvView kv;
};

/// kv_write(rope(k), v) and out = rope(q), the same bits. One task per row.
struct RopeKvParams {
  RopeParams q;
  RopeParams k;  ///< k.out unused
  const float* v;
  int64_t v_stride;
  KvView kv;
};

/// Keys scored between two rescalings of the running softmax, and keys in a mergeable partial result:
/// both at absolute multiples, so that prompt, decode and any split of the work give the same bits.
inline constexpr int64_t kKeyChunk = 64;
inline constexpr int64_t kKeySegment = 512;

/// Causal attention of each row to its sequence's cached positions <= its own (and > own - window).
/// q: [rows, heads, head_dim] f32; out: [rows, heads, value_dim] f32; heads / kv_heads query heads share a
/// KV head. Score: one lane per key, head_dim in order, * scale, [softcap * tanh(s / softcap)].
/// Softmax and values per reference/attention.cpp. Task t: KV head t / blocks, row block t % blocks of
/// attention_task_rows() rows; or, where attention_split() cuts, KV head, segment, row, the last fastest: such tasks
/// write parts, and attention_merge of the same parameters, one task per row, makes `out` of them.
struct AttentionParams {
  const float* q;
  int64_t q_stride;
  Count rows;
  int64_t heads;
  float scale;
  int64_t window;      ///< 0: none
  float softcap;       ///< 0: none
  const float* sinks;  ///< [heads] logits joined to the softmax's denominator, or null
  KvView kv;
  float* parts;       ///< workspace, [part_rows, heads, attention_part_floats(value_dim)]; null: never cut by segments
  int64_t part_rows;  ///< pairs of a row and a segment that it holds
  float* out;
  int64_t out_stride;
};

/// Attention without a cache, whole tensors: q [batch, seq, heads, head_dim], k and v [batch, keys, kv_heads,
/// head_dim | value_dim], all dense f32; mask [seq, keys] f32 added to the scores, or null. Causal: key j <= i +
/// (keys - seq). The same arithmetic as AttentionParams. One task per (batch, query).
struct DenseAttentionParams {
  const float* q;
  const float* k;
  const float* v;
  const float* mask;
  const float* sinks;
  Count batch, seq, keys;
  int64_t heads, kv_heads, head_dim, value_dim;
  float scale;
  int64_t window;
  float softcap;
  bool causal;
  float* out;
};

/// Softmax of each row: exp(x - max) / sum, summed in 16 lanes; exactly 0 for -inf. x, out: [rows, dim]
/// f32. One task per row.
struct SoftmaxParams {
  const float* x;
  int64_t x_stride;
  Count rows;
  int64_t dim;
  float* out;
  int64_t out_stride;
};

/// out[r] = x[index[r]], rows of `row_bytes`; without an index out[r] = x[r]. An index outside
/// [0, x_rows) gives a row of 0xff bytes: NaN in every float type, -1 in integers. One task per row.
struct CopyRowsParams {
  const std::byte* x;
  int64_t x_stride_bytes;
  Count x_rows;          ///< read only with an index
  const int32_t* index;  ///< [rows] or null
  Count rows;
  int64_t row_bytes;
  std::byte* out;
  int64_t out_stride_bytes;
};

/// How one sequence picks its next token. temperature 0: the largest logit, lowest id first.
struct SampleRule {
  float temperature;
  int32_t top_k;  ///< 0: all
  float top_p;    ///< 1: all
  float min_p;    ///< 0: all
  float repetition_penalty, frequency_penalty, presence_penalty;  ///< 1, 0, 0: none
  uint64_t seed;
  uint64_t counter;           ///< tokens drawn so far; draw i of a seed is the same anywhere
  int64_t history_begin;      ///< the token ids that the penalties look at, in SampleParams::history
  int64_t history_size;
  int64_t answer_begin;       ///< where the answer begins in it: frequency and presence count from here
};

/// out[r] = the token drawn from logits[r] by rules[r], or -1 if a logit is NaN or none is finite. logits:
/// [rows, vocab] f32, changed by penalties only; scratch: [rows, vocab] of 8 bytes. One task per row.
struct SampleParams {
  float* logits;
  int64_t logits_stride;
  const SampleRule* rules;
  const int32_t* history;
  Count rows;
  int64_t vocab;
  std::byte* scratch;
  int32_t* out;
};

}  // namespace pio::kernels
