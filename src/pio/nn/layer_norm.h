// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "pio/nn/module.h"
#include "pio/ops/ops.h"

namespace pio::nn {

/// (x - mean) / sqrt(variance + eps) * weight + bias over the last axis. weight, bias: [dim].
class LayerNorm : public Callable<LayerNorm> {
 public:
  explicit LayerNorm(int64_t dim, double eps = 1e-5, bool bias = true);
  /// x: [..., dim] f32. Returns its shape.
  [[nodiscard]] Tensor forward(const Tensor& x) const { return ops::layer_norm(x, weight_, bias_, eps_); }
  [[nodiscard]] const Tensor& weight() const noexcept { return weight_; }
  [[nodiscard]] const std::optional<Tensor>& bias() const noexcept { return bias_; }

 private:
  Tensor weight_;
  std::optional<Tensor> bias_;
  float eps_;
};

}  // namespace pio::nn
