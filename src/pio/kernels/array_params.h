// SPDX-License-Identifier: Apache-2.0
// Parameter structs of the kernels on plain arrays: element-wise operations, copies. As params.h,
// which includes this.
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

}  // namespace pio::kernels
