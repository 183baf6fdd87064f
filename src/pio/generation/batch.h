// SPDX-License-Identifier: Apache-2.0
// The rows of one step: pieces of sequences, put side by side.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "pio/plan/step_inputs.h"

namespace pio::generation {

/// A run of tokens of one sequence at rising positions, with the pages that hold its past and will hold them.
struct BatchPiece {
  std::span<const int32_t> ids;    ///< the tokens of this step
  int64_t position = 0;            ///< of the first
  std::span<const int32_t> pages;  ///< of the sequence, enough for position + ids.size()
  int64_t wanted = 0;              ///< of how many of the last rows logits are wanted
  plan::SampleRule rule{};      ///< for each wanted row; history_begin is set when filled
  std::span<const int32_t> history;
};

/// Writes pieces into a step's inputs. The sum of rows, and the number of pieces, must fit the block's limits.
void fill(plan::StepInputs& inputs, std::span<const BatchPiece> pieces) noexcept;

}  // namespace pio::generation
