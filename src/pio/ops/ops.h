// SPDX-License-Identifier: Apache-2.0
// The ops that model code calls, in groups. Each checks its inputs at once and gives a lazy tensor.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pio/ops/element_ops.h"
#include "pio/ops/reduce_ops.h"
#include "pio/ops/rope_scaling.h"
#include "pio/ops/shape_ops.h"
#include "pio/tensor/tensor.h"

namespace pio::ops {

using tensor::Tensor;

/// Rows of a table: y[..., :] = weight[ids[...], :] * scale. ids: [...] i32; weight: [vocab, dim], a parameter.
/// Returns [..., dim] f32. Errors: kInvalidArgument for other shapes or dtypes. Source: torch.nn.functional.embedding;
/// the scale is that of Gemma's embedding.
[[nodiscard]] Tensor embedding(const Tensor& ids, const Tensor& weight, float scale = 1.0f);

/// y = x * weight^T + bias. x: [..., in] f32; weight: [out, in], a parameter; bias: [out] f32. Returns [..., out] f32.
/// Errors: kInvalidArgument if the inner dims differ, or bias is not [out]. Source: torch.nn.functional.linear.
[[nodiscard]] Tensor linear(const Tensor& x, const Tensor& weight,
                            const std::optional<Tensor>& bias = std::nullopt);

/// Root-mean-square norm over the last axis: y = x / sqrt(mean(x^2) + eps) * weight.
/// x: [..., dim] f32; weight: [dim], or none to skip scaling. Returns the shape of x; sums in f32.
/// Errors: kInvalidArgument if weight is not [dim]. Source: Zhang & Sennrich 2019, arXiv:1910.07467, eq. 4.
[[nodiscard]] Tensor rms_norm(const Tensor& x, const std::optional<Tensor>& weight, float eps = 1e-6f);

/// Layer norm over the last axis: y = (x - mean) / sqrt(variance + eps) * weight + bias, variance over dim, in f32.
/// x: [..., dim] f32; weight, bias: [dim], or none to skip them; parameters or computed from such. Returns the shape
/// of x. Errors: kInvalidArgument if weight or bias is not [dim]. Source: Ba et al. 2016, arXiv:1607.06450.
[[nodiscard]] Tensor layer_norm(const Tensor& x, const std::optional<Tensor>& weight = std::nullopt,
                                const std::optional<Tensor>& bias = std::nullopt, float eps = 1e-5f);

/// Matrix products of a batch. a: [..., m, k] f32; b: [..., k, n] f32; leading dims broadcast. Returns [..., m, n];
/// each value sums k in order. A weight of shape [out, in] goes to linear instead.
/// Errors: kInvalidArgument for ranks below 2, inner dims that differ or batches that do not broadcast; "[trace]" if
/// k or n is a named dim, or rows would not stand in front. Source: numpy.matmul, for ranks of at least 2.
[[nodiscard]] Tensor matmul(const Tensor& a, const Tensor& b);

/// Convolution over the last axis. x: [batch, channels, length] f32; weight: [out, channels / groups, kernel]; bias:
/// [out]; parameters or computed from such. `padding` zeros stand before and after x. Returns [batch, out, (length +
/// 2 padding - dilation (kernel - 1) - 1) / stride + 1].
/// Errors: kInvalidArgument for shapes and numbers that do not fit; "[trace]" for named channels or length.
/// Source: torch.nn.functional.conv1d.
[[nodiscard]] Tensor conv1d(const Tensor& x, const Tensor& weight, const std::optional<Tensor>& bias = std::nullopt,
                            int64_t stride = 1, int64_t padding = 0, int64_t dilation = 1, int64_t groups = 1);

/// Options of rope.
struct RopeOptions {
  std::optional<Tensor> positions;  ///< [batch * seq] i32; none: 0.. of each sequence, while tracing the step's
  double theta = 10000.0;
  std::optional<int64_t> dims;  ///< rotated dims of a head, even; none: all
  bool interleaved = false;     ///< pairs (2i, 2i + 1) instead of (i, i + dims / 2)
  RopeScaling scaling;  ///< of the frequencies, as config.json's rope_scaling says; none: unscaled
  int64_t max_positions = 0;  ///< stands in for original_max_position_embeddings where scaling has none
};
/// Rotary position embedding: rotates pairs of the head dims by the position's angles. x: [batch, seq, heads,
/// head_dim] f32. Returns the same shape.
/// Errors: kInvalidArgument for another rank or dtype, positions that are not one i32 per row, dims that are odd or
/// above head_dim, a head_dim above kernels::kMaxHeadDim; "[trace]" for rows in more than one batch entry.
/// Source: Su et al. 2021, arXiv:2104.09864.
[[nodiscard]] Tensor rope(const Tensor& x, const RopeOptions& options = {});

/// Options of scaled_dot_product_attention.
struct AttentionOptions {
  std::optional<Tensor> mask;   ///< [seq, keys] f32 added to the scores; eager only
  bool is_causal = false;
  std::optional<float> scale;   ///< none: 1 / sqrt(head_dim)
  std::optional<int64_t> window;  ///< causal only: each position sees itself and the window - 1 before it
  std::optional<Tensor> sinks;    ///< [heads] logits that join the softmax's denominator
  std::optional<float> softcap;   ///< scores become softcap * tanh(score / softcap)
};
/// softmax(q k^T scale) v. q: [batch, seq, heads, head_dim]; k: [batch, keys, kv_heads, head_dim];
/// v: [batch, keys, kv_heads, value_dim], all f32; heads a multiple of kv_heads (grouped queries). Returns
/// [batch, seq, heads, value_dim]. While tracing, causal attention is attention to the sequence's cache.
/// Causal with more keys than queries: the queries are the last positions.
/// Errors: kInvalidArgument for shapes, dtypes and options that do not fit, or head dims above
/// kernels::kMaxHeadDim; "[trace]" for attention that is not causal on rows of a batch.
/// Source: Vaswani et al. 2017, arXiv:1706.03762, eq. 1; grouped queries: Ainslie et al. 2023, arXiv:2305.13245.
[[nodiscard]] Tensor scaled_dot_product_attention(const Tensor& q, const Tensor& k, const Tensor& v,
                                                  const AttentionOptions& options = {});

/// Rows of x picked by index. x: [1, rows, ...]; index: [wanted] i32. Returns [1, wanted, ...], in the dtype of x.
/// Errors: kInvalidArgument for other shapes, or an index that is not i32. Source: numpy.take along axis 1.
[[nodiscard]] Tensor gather_rows(const Tensor& x, const Tensor& index);

}  // namespace pio::ops
