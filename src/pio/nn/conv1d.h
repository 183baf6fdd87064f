// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "pio/nn/module.h"
#include "pio/ops/ops.h"

namespace pio::nn {

/// Convolution over the last axis. weight: [out_channels, in_channels / groups, kernel_size]; bias: [out_channels].
class Conv1d : public Callable<Conv1d> {
 public:
  /// Errors: kInvalidArgument for numbers below 1 (padding: below 0), or channels that are not whole groups.
  Conv1d(int64_t in_channels, int64_t out_channels, int64_t kernel_size, int64_t stride = 1, int64_t padding = 0,
         int64_t dilation = 1, int64_t groups = 1, bool bias = true);
  /// x: [batch, in_channels, length] f32. Returns [batch, out_channels, out_length], as ops::conv1d.
  [[nodiscard]] Tensor forward(const Tensor& x) const {
    return ops::conv1d(x, weight_, bias_, stride_, padding_, dilation_, groups_);
  }
  [[nodiscard]] const Tensor& weight() const noexcept { return weight_; }
  [[nodiscard]] const std::optional<Tensor>& bias() const noexcept { return bias_; }

 private:
  Tensor weight_;
  std::optional<Tensor> bias_;
  int64_t stride_, padding_, dilation_, groups_;
};

}  // namespace pio::nn
