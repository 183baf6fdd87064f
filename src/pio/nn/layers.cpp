// SPDX-License-Identifier: Apache-2.0
#include "pio/nn/layers.h"

#include "pio/base/error.h"

namespace pio::nn {

Linear::Linear(int64_t in_features, int64_t out_features, bool bias) {
  PIO_CHECK(in_features > 0 && out_features > 0, "[Linear] got in_features ", in_features,
            " and out_features ", out_features, ", expected both above 0");
  register_parameter("weight", weight_, {out_features, in_features}, tensor::Init::kUniform);
  if (bias) {
    register_parameter("bias", bias_.emplace(), {out_features}, tensor::Init::kZeros);
  }
}

Embedding::Embedding(int64_t num, int64_t dim) {
  PIO_CHECK(num > 0 && dim > 0, "[Embedding] got num ", num, " and dim ", dim, ", expected both above 0");
  register_parameter("weight", weight_, {num, dim}, tensor::Init::kUniform);
}

RMSNorm::RMSNorm(int64_t dim, double eps) : eps_(static_cast<float>(eps)) {
  PIO_CHECK(dim > 0 && eps > 0, "[RMSNorm] got dim ", dim, " and eps ", eps, ", expected both above 0");
  register_parameter("weight", weight_, {dim}, tensor::Init::kOnes);
}

}  // namespace pio::nn
