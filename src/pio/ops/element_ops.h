// SPDX-License-Identifier: Apache-2.0
// Element-wise ops. Operands broadcast as in numpy: shapes are compared from the last axis, and a dim of 1 or a
// missing one repeats. A named dim broadcasts with itself and with 1 only.
// Errors of all: kInvalidArgument "[op] ..." for shapes that do not broadcast and for other dtypes.
#pragma once

#include <optional>
#include <string_view>

#include "pio/tensor/tensor.h"

namespace pio::ops {

using tensor::Tensor;

/// A number as a tensor of shape [], to stand beside any shape. dtype: f32 or i32.
/// Errors: kInvalidArgument for another dtype, or a value that i32 cannot hold.
[[nodiscard]] Tensor scalar(double value, DType dtype = DType::kF32);

/// a + b, a - b, a * b, a / b. a, b: f32. Returns their broadcast shape, f32.
[[nodiscard]] Tensor add(const Tensor& a, const Tensor& b);
[[nodiscard]] Tensor sub(const Tensor& a, const Tensor& b);
[[nodiscard]] Tensor mul(const Tensor& a, const Tensor& b);
[[nodiscard]] Tensor div(const Tensor& a, const Tensor& b);
/// The smaller or larger of two f32 values; NaN if either is.
[[nodiscard]] Tensor minimum(const Tensor& a, const Tensor& b);
[[nodiscard]] Tensor maximum(const Tensor& a, const Tensor& b);

/// Comparisons, 1.0 where they hold and 0.0 elsewhere. a, b: both f32 or both i32. Returns f32.
[[nodiscard]] Tensor eq(const Tensor& a, const Tensor& b);
[[nodiscard]] Tensor ne(const Tensor& a, const Tensor& b);
[[nodiscard]] Tensor lt(const Tensor& a, const Tensor& b);
[[nodiscard]] Tensor le(const Tensor& a, const Tensor& b);
[[nodiscard]] Tensor gt(const Tensor& a, const Tensor& b);
[[nodiscard]] Tensor ge(const Tensor& a, const Tensor& b);
/// a where condition is not 0, else b. condition: f32 or i32; a, b: both f32 or both i32. Returns the broadcast
/// shape of all three, in the dtype of a.
[[nodiscard]] Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b);

/// Functions of one f32 tensor, of its shape: within 1 ulp of the true value (0 below the normal numbers);
/// NaN where the function has no value, infinity where it is too large.
[[nodiscard]] Tensor neg(const Tensor& x);
[[nodiscard]] Tensor exp(const Tensor& x);
[[nodiscard]] Tensor log(const Tensor& x);
[[nodiscard]] Tensor sqrt(const Tensor& x);
/// 1 / sqrt(x), both rounded.
[[nodiscard]] Tensor rsqrt(const Tensor& x);
[[nodiscard]] Tensor abs(const Tensor& x);
/// Radians; NaN from 2^31 on.
[[nodiscard]] Tensor sin(const Tensor& x);
[[nodiscard]] Tensor cos(const Tensor& x);
[[nodiscard]] Tensor tanh(const Tensor& x);
/// 1 / (1 + e^-x).
[[nodiscard]] Tensor sigmoid(const Tensor& x);
/// max(x, 0).
[[nodiscard]] Tensor relu(const Tensor& x);
/// x / (1 + e^-x), within 3 ulp.
[[nodiscard]] Tensor silu(const Tensor& x);
/// approximate "none": x / 2 * (1 + erf(x / sqrt 2)); "tanh": x / 2 * (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))).
/// Errors: kInvalidArgument for another word. Source: Hendrycks & Gimpel 2016, arXiv:1606.08415.
[[nodiscard]] Tensor gelu(const Tensor& x, std::string_view approximate = "none");
/// log(1 + e^x).
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
