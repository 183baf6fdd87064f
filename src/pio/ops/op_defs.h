// SPDX-License-Identifier: Apache-2.0
// The ops as the passes know them: their definitions, the fused ones included, and how nodes are made.
// Inputs stand in the order given; "?" marks those that an attribute of the same name switches on.
#pragma once

#include "pio/tensor/tensor.h"

namespace pio::ops {

using tensor::Node;
using tensor::NodePtr;
using tensor::OpDef;

extern const OpDef kEmbedding;     ///< ids, weight; scale
extern const OpDef kLinear;        ///< x, weight, bias?, residual?; epilogue: kernels::Epilogue
extern const OpDef kRmsNorm;       ///< x, weight?; eps
extern const OpDef kRopeTable;     ///< positions, inv_freq; factor
extern const OpDef kRope;          ///< x, table; interleaved
extern const OpDef kSdpa;          ///< q, k, v, mask?, sinks?; causal, scale, window, softcap, state
extern const OpDef kSoftmax;       ///< x
extern const OpDef kCumsum;        ///< x
extern const OpDef kLayerNorm;     ///< x, weight?, bias?; eps
extern const OpDef kConv1d;        ///< x, weight, bias?; stride, padding, dilation, groups
extern const OpDef kMatmul;        ///< a, b: each a batch of the result's, or one matrix
/// Reductions of the last axis, which the result lacks; x.
extern const OpDef kSum, kMean, kMax, kMin, kArgmax;
extern const OpDef kGatherRows;    ///< x, index
extern const OpDef kSample;        ///< logits -> one id a row, by the step's rules

/// Element-wise: one to three inputs in a RowForm (broadcast.h) of the result; pow, clamp: low, high. kSiluMul,
/// silu(a) * b, is made by a pass.
#define PIO_ELEMENT(name, Id, inputs) extern const OpDef k##Id;
#include "pio/ops/element_ops.inc"
#undef PIO_ELEMENT

extern const OpDef kStridedSlice;  ///< x; axis, begin, step; the end is in the shape
extern const OpDef kPermute;       ///< x; axes: a digit for each
extern const OpDef kExpand;        ///< x, repeated to the node's shape
extern const OpDef kConcat;        ///< tensors...; axis

extern const OpDef kStack;         ///< weights...; interleave: 0, or strips of that many rows in turn
extern const OpDef kQuantRows;     ///< x -> q8_rows or bf16_rows
extern const OpDef kRmsNormQuant;  ///< x, weight?; eps -> q8_rows or bf16_rows
extern const OpDef kKvWrite;       ///< k, v; state -> the state after the write, a value of no columns
extern const OpDef kAttention;     ///< q, state, sinks?; as kSdpa
extern const OpDef kRopeKv;        ///< q, k, v, table, (q_norm, k_norm)?; state, interleaved, eps
                                   ///< of norms -> rotated q, after the write

/// A node; shorthand for make_shared.
[[nodiscard]] NodePtr make(const OpDef& op, std::vector<NodePtr> inputs, tensor::Attrs attrs,
                           Shape shape, DType dtype = DType::kF32);

/// Dims up to and with the named one: what a row is. 0 without one.
[[nodiscard]] int row_split(const Shape& shape);

}  // namespace pio::ops
