// SPDX-License-Identifier: Apache-2.0
#include "pio/tensor/slot.h"

#include <cmath>
#include <mutex>

#include "pio/base/fnv1a.h"
#include "pio/base/split_mix.h"

namespace pio::tensor {
namespace {

// The name at the first call, whatever the slot is called later.
std::string init_name(const Slot& slot) {
  static std::mutex mutex;
  const std::scoped_lock lock(mutex);
  if (slot.init_name.empty()) {
    slot.init_name = slot.name;
  }
  return slot.init_name;
}

std::vector<float> initial_values(const Slot& slot) {
  const int64_t count = slot.shape.elements();
  if (slot.init != Init::kUniform) {
    return std::vector<float>(static_cast<size_t>(count), slot.init == Init::kOnes ? 1.0f : 0.0f);
  }
  std::vector<float> out(static_cast<size_t>(count));
  const float bound = 1.0f / std::sqrt(static_cast<float>(slot.cols()));
  uint64_t state = fnv1a(init_name(slot));
  for (float& value : out) {
    state += kSplitMixStep;
    value = (static_cast<float>(split_mix(state) >> 40) * 0x1p-23f - 1.0f) * bound;
  }
  return out;
}

}  // namespace

std::vector<float> slot_values(const Slot& slot) {
  if (!slot.loaded) {
    return initial_values(slot);
  }
  const int64_t rows = slot.rows();
  const int64_t cols = slot.cols();
  const quant::QuantTraits& traits = quant::traits(slot.type);
  const int64_t row_bytes = quant::size_bytes(slot.type, cols);
  std::vector<float> out(static_cast<size_t>(rows * cols));
  for (int64_t row = 0; row < rows; ++row) {
    const int64_t from = slot.row_order.empty() ? row : slot.row_order[static_cast<size_t>(row)];
    traits.dequantize(slot.data.data() + from * row_bytes, out.data() + row * cols, cols);
  }
  return out;
}

}  // namespace pio::tensor
