// SPDX-License-Identifier: Apache-2.0
#include "pio/nn/conv1d.h"

#include "pio/base/error.h"

namespace pio::nn {

Conv1d::Conv1d(int64_t in_channels, int64_t out_channels, int64_t kernel_size, int64_t stride, int64_t padding,
               int64_t dilation, int64_t groups, bool bias)
    : stride_(stride), padding_(padding), dilation_(dilation), groups_(groups) {
  PIO_CHECK(in_channels > 0 && out_channels > 0 && kernel_size > 0, "[Conv1d] got in_channels ", in_channels,
            ", out_channels ", out_channels, " and kernel_size ", kernel_size, ", expected all above 0");
  PIO_CHECK(stride > 0 && padding >= 0 && dilation > 0, "[Conv1d] got stride ", stride, ", padding ", padding,
            " and dilation ", dilation, ", expected padding of at least 0, the others above 0");
  PIO_CHECK(groups > 0 && in_channels % groups == 0 && out_channels % groups == 0, "[Conv1d] got ", groups,
            " groups of ", in_channels, " to ", out_channels, " channels, expected groups to divide both");
  register_parameter("weight", weight_, {out_channels, in_channels / groups, kernel_size}, tensor::Init::kUniform);
  if (bias) {
    register_parameter("bias", bias_.emplace(), {out_channels}, tensor::Init::kZeros);
  }
}

}  // namespace pio::nn
