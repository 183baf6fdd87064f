// SPDX-License-Identifier: Apache-2.0
// Graphs as text, one node a line, complete enough to be read back: for golden graphs and for diff.
#pragma once

#include <span>
#include <string>
#include <utility>

#include "pio/tensor/node.h"

namespace pio::tensor {

/// Version of the text form, in its first line; raised when a reader of the old one could misread the new.
inline constexpr int kTextVersion = 1;

/// The nodes behind `outputs`, inputs first: "%3 linear [1, rows<=8, 96] f32 bias=0 <- %1 %2". Parameters carry
/// their name and format in memory, constants their bytes in hex; floats are written to round-trip.
[[nodiscard]] std::string to_text(std::span<const std::pair<std::string, NodePtr>> outputs);

}  // namespace pio::tensor
