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
extern const OpDef kAdd;           ///< a, b
extern const OpDef kMul;           ///< a, b
extern const OpDef kSilu;          ///< x
extern const OpDef kSoftmax;       ///< x
extern const OpDef kGatherRows;    ///< x, index
extern const OpDef kSample;        ///< logits -> one id a row, by the step's rules

extern const OpDef kStack;         ///< weights...; interleave: 0, or strips of that many rows in turn
extern const OpDef kQuantRows;     ///< x -> q8_rows
extern const OpDef kRmsNormQuant;  ///< x, weight?; eps -> q8_rows
extern const OpDef kSiluMul;       ///< a, b: silu(a) * b
extern const OpDef kKvWrite;       ///< k, v; state -> the state after the write, a value of no columns
extern const OpDef kAttention;     ///< q, state, sinks?; as kSdpa
extern const OpDef kRopeKv;        ///< q, k, v, table; state, interleaved -> rotated q, after the write

/// A node; shorthand for make_shared.
[[nodiscard]] NodePtr make(const OpDef& op, std::vector<NodePtr> inputs, tensor::Attrs attrs,
                           Shape shape, DType dtype = DType::kF32);

/// Dims up to and with the named one: what a row is. 0 without one.
[[nodiscard]] int row_split(const Shape& shape);

}  // namespace pio::ops
