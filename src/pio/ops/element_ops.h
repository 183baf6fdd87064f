// SPDX-License-Identifier: Apache-2.0
// Element-wise ops. Functions of one tensor are within 1 ulp of the true value (0 below the normal numbers) unless they
// say otherwise: NaN where they have no value, infinity where it is too large.
// Shapes of all: operands broadcast as in numpy: shapes are compared from the last axis, and a dim of 1 or a missing
// one repeats. A named dim broadcasts with itself and with 1 only. Returns the broadcast shape.
// Dtypes of all: f32, and the result too.
// Errors of all: kInvalidArgument "[op] ..." for shapes that do not broadcast and for other dtypes.
// Source of all: numpy, or torch.nn.functional where numpy has no such function.
#pragma once

#include <optional>
#include <string_view>

#include "pio/tensor/tensor.h"

namespace pio::ops {

using tensor::Tensor;

/// A number as a tensor of shape [], to stand beside any shape. dtype: f32 or i32.
/// Errors: kInvalidArgument for another dtype, or a value that i32 cannot hold.
[[nodiscard]] Tensor scalar(double value, DType dtype = DType::kF32);

/// a + b.
[[nodiscard]] Tensor add(const Tensor& a, const Tensor& b);
/// a - b.
[[nodiscard]] Tensor sub(const Tensor& a, const Tensor& b);
/// a * b.
[[nodiscard]] Tensor mul(const Tensor& a, const Tensor& b);
/// a / b: infinity or NaN where b is 0.
[[nodiscard]] Tensor div(const Tensor& a, const Tensor& b);
/// The smaller of two values; NaN if either is.
[[nodiscard]] Tensor minimum(const Tensor& a, const Tensor& b);
/// The larger of two values; NaN if either is.
[[nodiscard]] Tensor maximum(const Tensor& a, const Tensor& b);

/// 1.0 where a == b, else 0.0. a, b: both f32 or both i32. Returns f32.
[[nodiscard]] Tensor eq(const Tensor& a, const Tensor& b);
/// 1.0 where a != b, else 0.0. a, b: both f32 or both i32. Returns f32.
[[nodiscard]] Tensor ne(const Tensor& a, const Tensor& b);
/// 1.0 where a < b, else 0.0. a, b: both f32 or both i32. Returns f32.
[[nodiscard]] Tensor lt(const Tensor& a, const Tensor& b);
/// 1.0 where a <= b, else 0.0. a, b: both f32 or both i32. Returns f32.
[[nodiscard]] Tensor le(const Tensor& a, const Tensor& b);
/// 1.0 where a > b, else 0.0. a, b: both f32 or both i32. Returns f32.
[[nodiscard]] Tensor gt(const Tensor& a, const Tensor& b);
/// 1.0 where a >= b, else 0.0. a, b: both f32 or both i32. Returns f32.
[[nodiscard]] Tensor ge(const Tensor& a, const Tensor& b);
/// a where condition is not 0, else b. condition: f32 or i32; a, b: both f32 or both i32. Returns the broadcast
/// shape of all three, in the dtype of a.
[[nodiscard]] Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b);

/// -x.
[[nodiscard]] Tensor neg(const Tensor& x);
/// e^x.
[[nodiscard]] Tensor exp(const Tensor& x);
/// Natural logarithm of x; NaN below 0.
[[nodiscard]] Tensor log(const Tensor& x);
/// Square root of x; NaN below 0.
[[nodiscard]] Tensor sqrt(const Tensor& x);
/// 1 / sqrt(x), both rounded.
[[nodiscard]] Tensor rsqrt(const Tensor& x);
/// x without its sign.
[[nodiscard]] Tensor abs(const Tensor& x);
/// Sine of x in radians; NaN from 2^31 on.
[[nodiscard]] Tensor sin(const Tensor& x);
/// Cosine of x in radians; NaN from 2^31 on.
[[nodiscard]] Tensor cos(const Tensor& x);
/// Hyperbolic tangent of x.
[[nodiscard]] Tensor tanh(const Tensor& x);
/// 1 / (1 + e^-x).
[[nodiscard]] Tensor sigmoid(const Tensor& x);
/// max(x, 0).
[[nodiscard]] Tensor relu(const Tensor& x);
/// x / (1 + e^-x), within 3 ulp. Source: Elfwing et al. 2017, arXiv:1702.03118.
[[nodiscard]] Tensor silu(const Tensor& x);
/// Gaussian error linear unit. approximate "none": x / 2 * (1 + erf(x / sqrt 2));
/// "tanh": x / 2 * (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))).
/// Errors: kInvalidArgument for another word. Source: Hendrycks & Gimpel 2016, arXiv:1606.08415.
[[nodiscard]] Tensor gelu(const Tensor& x, std::string_view approximate = "none");
/// log(1 + e^x), a smooth relu.
[[nodiscard]] Tensor softplus(const Tensor& x);
/// x^exponent; 2 is x * x. Errors: kInvalidArgument unless exponent is finite.
[[nodiscard]] Tensor pow(const Tensor& x, float exponent);
/// min(max(x, low), high); an absent bound does nothing, NaN stays. Errors: kInvalidArgument without bounds, for a
/// NaN bound, or if low > high.
[[nodiscard]] Tensor clamp(const Tensor& x, std::optional<float> low, std::optional<float> high = std::nullopt);

/// x in another dtype, f32 or i32; itself if it has it. To i32: towards zero, INT32_MIN for what does not fit.
[[nodiscard]] Tensor to(const Tensor& x, DType dtype);

}  // namespace pio::ops

namespace pio::tensor {

/// Found by argument-dependent lookup, in model code: -x, a + b, 2.0f * x.
[[nodiscard]] Tensor operator-(const Tensor& x);
[[nodiscard]] Tensor operator+(const Tensor& a, const Tensor& b);
[[nodiscard]] Tensor operator-(const Tensor& a, const Tensor& b);
[[nodiscard]] Tensor operator*(const Tensor& a, const Tensor& b);
[[nodiscard]] Tensor operator/(const Tensor& a, const Tensor& b);
[[nodiscard]] Tensor operator+(const Tensor& a, float b);
[[nodiscard]] Tensor operator-(const Tensor& a, float b);
[[nodiscard]] Tensor operator*(const Tensor& a, float b);
[[nodiscard]] Tensor operator/(const Tensor& a, float b);
[[nodiscard]] Tensor operator+(float a, const Tensor& b);
[[nodiscard]] Tensor operator-(float a, const Tensor& b);
[[nodiscard]] Tensor operator*(float a, const Tensor& b);
[[nodiscard]] Tensor operator/(float a, const Tensor& b);

}  // namespace pio::tensor
