// SPDX-License-Identifier: Apache-2.0
#include "pio/generation/batch.h"

#include <algorithm>

namespace pio::generation {

void fill(plan::StepInputs& inputs, std::span<const BatchPiece> pieces) noexcept {
  size_t row = 0;
  size_t wanted = 0;
  size_t history = 0;
  for (size_t s = 0; s < pieces.size(); ++s) {
    const BatchPiece& piece = pieces[s];
    plan::SampleRule rule = piece.rule;
    rule.history_begin = static_cast<int64_t>(history);
    rule.history_size = static_cast<int64_t>(piece.history.size());
    std::ranges::copy(piece.history, inputs.history().begin() + static_cast<int64_t>(history));
    history += piece.history.size();
    std::ranges::copy(piece.pages, inputs.page_table(static_cast<int64_t>(s)).begin());
    const size_t first_wanted = piece.ids.size() - static_cast<size_t>(piece.wanted);
    for (size_t i = 0; i < piece.ids.size(); ++i, ++row) {
      inputs.ids()[row] = piece.ids[i];
      inputs.positions()[row] = static_cast<int32_t>(piece.position + static_cast<int64_t>(i));
      inputs.sequence()[row] = static_cast<int32_t>(s);
      if (i >= first_wanted) {
        inputs.wanted()[wanted] = static_cast<int32_t>(row);
        inputs.rules()[wanted++] = rule;
      }
    }
  }
  inputs.set_counts(static_cast<int64_t>(row), static_cast<int64_t>(wanted),
                    static_cast<int64_t>(pieces.size()), static_cast<int64_t>(history));
}

}  // namespace pio::generation
