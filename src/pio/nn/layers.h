// SPDX-License-Identifier: Apache-2.0
// The layers that every model uses: Linear, Embedding, RMSNorm.
#pragma once

#include <cstdint>
#include <optional>

#include "pio/nn/module.h"
#include "pio/ops/ops.h"

namespace pio::nn {

/// y = x weight^T + bias. weight: [out_features, in_features]; bias: [out_features].
class Linear : public Callable<Linear> {
 public:
  Linear(int64_t in_features, int64_t out_features, bool bias = true);
  /// x: [..., in_features] f32. Returns [..., out_features].
  [[nodiscard]] Tensor forward(const Tensor& x) const { return ops::linear(x, weight_, bias_); }
  [[nodiscard]] const Tensor& weight() const noexcept { return weight_; }
  [[nodiscard]] const std::optional<Tensor>& bias() const noexcept { return bias_; }

 private:
  Tensor weight_;
  std::optional<Tensor> bias_;
};

/// Rows of a table. weight: [num, dim].
class Embedding : public Callable<Embedding> {
 public:
  Embedding(int64_t num, int64_t dim);
  /// ids: [...] i32. Returns [..., dim] f32.
  [[nodiscard]] Tensor forward(const Tensor& ids) const { return ops::embedding(ids, weight_); }
  [[nodiscard]] const Tensor& weight() const noexcept { return weight_; }

 private:
  Tensor weight_;
};

/// x / sqrt(mean(x^2) + eps) * weight over the last axis. weight: [dim].
class RMSNorm : public Callable<RMSNorm> {
 public:
  explicit RMSNorm(int64_t dim, double eps = 1e-6);
  /// x: [..., dim] f32. Returns its shape.
  [[nodiscard]] Tensor forward(const Tensor& x) const { return ops::rms_norm(x, weight_, eps_); }
  [[nodiscard]] const Tensor& weight() const noexcept { return weight_; }

 private:
  Tensor weight_;
  float eps_;
};

}  // namespace pio::nn
