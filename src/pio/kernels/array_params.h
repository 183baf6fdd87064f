// SPDX-License-Identifier: Apache-2.0
// Parameter structs of the kernels on plain arrays: element-wise operations, copies, reductions, products,
// convolutions. As params.h, which includes this.
#pragma once

#include <cstdint>

#include "pio/kernels/kernel.h"

namespace pio::kernels {

/// Element-wise operations. Those behind kSiluMul compute in f64 where they are not exact in f32
/// (wide_math.h) and round once. Names ending in I32 read their operands as i32.
enum class ElementOp : uint8_t {
  kAdd,
  kMul,
  kSilu,     ///< a / (1 + e^-a)
  kSiluMul,  ///< silu(a) * b
  kSub,
  kDiv,
  kMinimum,  ///< NaN if either is
  kMaximum,
  kEq,  ///< comparisons: 1 or 0
  kNe,
  kLt,
  kLe,
  kEqI32,
  kNeI32,
  kLtI32,
  kLeI32,
  kNeg,
  kExp,
  kLog,
  kSqrt,
  kRsqrt,  ///< 1 / sqrt(a)
  kAbs,
  kSin,  ///< |a| < 2^31, else NaN
  kCos,
  kTanh,
  kSigmoid,
  kRelu,
  kGelu,      ///< a / 2 * (1 + erf(a / sqrt 2))
  kGeluTanh,  ///< a / 2 * (1 + tanh(sqrt(2 / pi) * (a + 0.044715 a^3)))
  kSoftplus,  ///< log(1 + e^a)
  kPow,       ///< a^low
  kClamp,     ///< min(max(a, low), high); NaN stays
  kToI32,     ///< towards zero, INT32_MIN where it does not fit; out is i32
  kToF32,     ///< of an i32
  kWhere,     ///< a != 0 ? b : c, 4 bytes of either kind
};

/// out = op(a, b, c) over [rows, dim], of which an operation reads what it needs. Operand x stands at
/// x[r * x_stride + i * x_step]: a stride or step of 0 repeats it. One task per row.
struct ElementParams {
  ElementOp op;
  const float* a;
  int64_t a_stride;
  const float* b;
  int64_t b_stride;
  Count rows;
  int64_t dim;
  float* out;
  int64_t out_stride;
  int64_t a_step = 1;
  int64_t b_step = 1;
  const float* c = nullptr;
  int64_t c_stride = 0;
  int64_t c_step = 1;
  float low = 0.0f;
  float high = 0.0f;
};

/// Most axes of a strided copy, the outermost apart.
inline constexpr int64_t kMaxCopyAxes = 8;

/// out[r, i, j ...] = x[r, i, j ...], elements of 4 bytes, each array by strides of its own: slices,
/// permutations, repeats (x stride 0), parts of a longer array. axes: at least 1. One task per r.
struct CopyStridedParams {
  const uint32_t* x;
  uint32_t* out;
  Count rows;
  int64_t x_row_stride, out_row_stride;
  int64_t axes;
  int64_t sizes[kMaxCopyAxes];
  int64_t x_strides[kMaxCopyAxes];
  int64_t out_strides[kMaxCopyAxes];
};

/// Reductions of a row. Names ending in I32 read the row as i32.
enum class ReduceOp : uint8_t {
  kSum,
  kMean,
  kMax,  ///< NaN if any is
  kMin,
  kArgmax,  ///< index of the first largest, i32; of the first NaN if there is one
  kArgmaxI32,
};

/// out[r] = op(x[r, ...]). x: [rows, dim]; out: [rows], dense, f32 or i32 as the operation says. Sums in 16 lanes
/// as RmsNormParams; dim of at least 1 but for sums. One task per row.
struct ReduceParams {
  ReduceOp op;
  const float* x;
  int64_t x_stride;
  Count rows;
  int64_t dim;
  float* out;
};

/// out[r, i] = x[r, 0] + ... + x[r, i], added in order. x, out: [rows, dim] f32. One task per row.
struct CumsumParams {
  const float* x;
  int64_t x_stride;
  Count rows;
  int64_t dim;
  float* out;
  int64_t out_stride;
};

/// out[i] = a[i] b[i] for matrices a: [m, k], b: [k, n] f32 of a batch; a batch stride of 0 repeats one. out:
/// [batch, m, n], dense. Each output is one lane that sums k in order, products fused as in MatmulParams.
/// One task per row of out.
struct BatchMatmulParams {
  const float* a;
  int64_t a_stride, a_batch_stride;
  const float* b;
  int64_t b_stride, b_batch_stride;
  Count batch, m;
  int64_t k, n;
  float* out;
};

/// out[b, o, t] = sum over c, j of weight[o, c, j] * x[b, g * channels / groups + c, t * stride + j * dilation -
/// padding], c and j in order, fused, from 0, places outside x left out; then + bias[o]. g: the group of o.
/// x: [batch, channels, length]; weight: [out_channels, channels / groups, kernel]; bias: [out_channels] or null;
/// out: [batch, out_channels, out_length], dense. All f32. One task per (b, o).
struct Conv1dParams {
  const float* x;
  int64_t x_stride;  ///< from one channel to the next
  const float* weight;
  const float* bias;
  Count batch;
  int64_t channels, length, out_channels, out_length, kernel;
  int64_t stride, padding, dilation, groups;
  float* out;
};

}  // namespace pio::kernels
