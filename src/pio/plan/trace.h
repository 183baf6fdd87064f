// SPDX-License-Identifier: Apache-2.0
// Running model code once, at a capacity, to get its graph.
#pragma once

#include <functional>

#include "pio/plan/graph.h"
#include "pio/tensor/tensor.h"

namespace pio::plan {

/// A model's forward: ids [1, rows] i32 to logits [1, rows, vocab] f32.
using Forward = std::function<tensor::Tensor(const tensor::Tensor& ids)>;

struct TraceOptions {
  int64_t rows = 1;    ///< capacity of the step
  bool taps = false;   ///< also give hidden.embed, hidden.<i> and hidden.final
};

/// The graph of `forward`: outputs "logits" [1, wanted, vocab], "tokens" [1, wanted] sampled from them, and
/// the taps, each the wanted rows of a value between the model's layers (the longest run of sibling modules
/// named by numbers). Errors: kInvalidArgument "[trace]" if the result is not [1, rows, vocab], or taps were
/// asked of a model without layers.
[[nodiscard]] Graph trace(const Forward& forward, const TraceOptions& options);

}  // namespace pio::plan
