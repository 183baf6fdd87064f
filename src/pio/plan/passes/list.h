// SPDX-License-Identifier: Apache-2.0
// The pass functions, one file each; passes.cpp puts them in order.
#pragma once

#include "pio/plan/graph.h"

namespace pio::plan {

/// Computes weights, biases and sinks that are expressions of parameters and constants, such as 1 + w: lowerings
/// want leaves. Errors: kInvalidArgument for one that depends on the step's inputs.
[[nodiscard]] Graph fold_weights(const Graph& graph);
/// Nodes with the same op, attributes and inputs become one: layers share the rotary table.
[[nodiscard]] Graph merge_equal(const Graph& graph);
/// Picks the wanted rows as early as possible: everything row by row behind the last attention is computed
/// for wanted rows alone.
[[nodiscard]] Graph wanted_rows(const Graph& graph);
/// Causal attention on rows becomes attention to a cached state, its keys and values written to it first.
[[nodiscard]] Graph bind_states(const Graph& graph);
/// Rotations of q and k, norms of their heads before them, and the cache write become one step.
[[nodiscard]] Graph rope_kv(const Graph& graph);
/// mul(silu(a), b) becomes silu_mul(a, b).
[[nodiscard]] Graph silu_mul(const Graph& graph);
/// silu_mul of two linears of one input becomes one linear over interleaved weights that applies it.
[[nodiscard]] Graph swiglu(const Graph& graph);
/// Linears of one input become slices of one linear over stacked weights.
[[nodiscard]] Graph stack_matmuls(const Graph& graph);
/// add(x, linear) becomes a linear that adds x as it stores.
[[nodiscard]] Graph residual(const Graph& graph);
/// Brings activations to the rows that a linear's weights take (rows_dtype): quantized, or bf16.
[[nodiscard]] Graph quantize_activations(const Graph& graph);
/// quant_rows(rms_norm) becomes one step.
[[nodiscard]] Graph norm_quant(const Graph& graph);
/// quant_rows of a SwiGLU linear: the linear stores quantized rows.
[[nodiscard]] Graph swiglu_quant(const Graph& graph);

}  // namespace pio::plan
