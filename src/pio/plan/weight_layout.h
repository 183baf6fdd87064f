// SPDX-License-Identifier: Apache-2.0
// Which packed weights a model needs, where each lies, and the packing of all of them at load. Depends on the
// graph and the weights' formats, never on a capacity: every plan of a model shares one copy.
#pragma once

#include <map>
#include <vector>

#include "pio/kernels/device.h"
#include "pio/ops/step_builder.h"
#include "pio/plan/graph.h"

namespace pio::plan {

/// How a packed weight is spread over devices.
enum class Split : uint8_t { kWhole, kRows, kColumns };

/// A packed matrix, or dense values, with where its bytes come from.
struct PackedWeight {
  std::string name;  ///< source names, "+"-joined
  std::vector<std::shared_ptr<tensor::Slot>> sources;
  int64_t interleave = 0;  ///< 0: sources one after another; else strips of that many rows in turn
  bool is_matrix = false;  ///< packed tiles; otherwise dense 4-byte values in source order
  DType dtype = DType::kF32;  ///< of dense values: f32 or i32
  quant::QuantType type = quant::QuantType::kF32;
  int64_t rows = 0;
  int64_t cols = 0;
  int64_t offset = 0;
  int64_t size_bytes = 0;
  Split split = Split::kWhole;  ///< so far every weight lies whole on one device
};

/// Collects the weights that lowerings ask for, once each, then packs them.
class WeightLayout {
 public:
  /// The packed form of a parameter or stack of parameters.
  [[nodiscard]] ops::WeightView matrix(const NodePtr& leaf);
  /// Dense values of a parameter, constant or stack.
  [[nodiscard]] ops::Ref values(const NodePtr& leaf);

  [[nodiscard]] int64_t size_bytes() const noexcept { return size_; }
  [[nodiscard]] const std::vector<PackedWeight>& weights() const noexcept { return weights_; }

  /// Packs everything to `memory` on the device's workers; file pages are dropped as they are consumed.
  /// progress(done, total) in bytes of matrices, from any worker. Errors: as the device's fill.
  void pack(kernels::Device& device, std::byte* memory,
            const std::function<void(int64_t done, int64_t total)>& progress = nullptr) const;

 private:
  [[nodiscard]] const PackedWeight& find_or_add(const NodePtr& leaf, bool matrix);
  std::map<std::string, size_t> known_;
  std::vector<PackedWeight> weights_;
  int64_t size_ = 0;
};

}  // namespace pio::plan
