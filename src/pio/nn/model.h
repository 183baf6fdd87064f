// SPDX-License-Identifier: Apache-2.0
// What the engine needs of a causal language model.
#pragma once

#include "pio/nn/module.h"

namespace pio::nn {

/// A root module whose forward maps token ids to logits; traced at load, never run per token.
class Model : public Callable<Model> {
 public:
  /// ids: [1, rows] i32. Returns logits [1, rows, vocab] f32.
  [[nodiscard]] virtual Tensor forward(const Tensor& ids) const = 0;
};

}  // namespace pio::nn
