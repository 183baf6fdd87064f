// SPDX-License-Identifier: Apache-2.0
// Where the bytes of a leaf come from: a file, a buffer of ours, or a rule that makes them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "pio/base/shape.h"
#include "pio/quant/quant_type.h"

namespace pio::tensor {

/// How a parameter that was never loaded gets its values, deterministically from its name.
enum class Init : uint8_t { kUniform, kOnes, kZeros };

/// Source of a parameter or constant of `shape`. A matrix is [rows, cols] in the row order of the file.
/// Filled before the graph that uses it is planned; immutable from then on.
struct Slot {
  std::string name;  ///< the checkpoint's name; empty for constants
  Shape shape;
  Init init = Init::kUniform;
  bool loaded = false;  ///< data is set; otherwise `init` makes the values when first needed
  quant::QuantType type = quant::QuantType::kF32;  ///< format of data
  quant::QuantType packed_type = quant::QuantType::kF32;  ///< format wanted in memory
  std::span<const std::byte> data;
  std::shared_ptr<const void> owner;  ///< keeps data alive
  std::vector<int32_t> row_order;     ///< row i is row row_order[i] of data; empty: as it lies
  /// The name that the initial values were made from; kept by slot_values, so that a later name changes nothing.
  mutable std::string init_name;

  [[nodiscard]] int64_t rows() const { return shape.rank() < 2 ? 1 : shape[0].capacity(); }
  [[nodiscard]] int64_t cols() const { return rows() == 0 ? 0 : shape.elements() / rows(); }
};

/// All values as f32 in row order, decoded or initialised. Uniform: +-1/sqrt(cols), from a hash of the name that the
/// slot has when it is first asked. Safe to call on several threads.
[[nodiscard]] std::vector<float> slot_values(const Slot& slot);

}  // namespace pio::tensor
