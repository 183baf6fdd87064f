// SPDX-License-Identifier: Apache-2.0
#include "pio/nn/layer_norm.h"

#include "pio/base/error.h"

namespace pio::nn {

LayerNorm::LayerNorm(int64_t dim, double eps, bool bias) : eps_(static_cast<float>(eps)) {
  PIO_CHECK(dim > 0 && eps > 0, "[LayerNorm] got dim ", dim, " and eps ", eps, ", expected both above 0");
  register_parameter("weight", weight_, {dim}, tensor::Init::kOnes);
  if (bias) {
    register_parameter("bias", bias_.emplace(), {dim}, tensor::Init::kZeros);
  }
}

}  // namespace pio::nn
