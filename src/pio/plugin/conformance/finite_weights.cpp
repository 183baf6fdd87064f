// SPDX-License-Identifier: Apache-2.0
// No weight of the files is NaN or infinite.
#include <algorithm>
#include <cmath>

#include "pio/base/error.h"
#include "pio/plugin/conformance/check.h"
#include "pio/quant/quant_type.h"

namespace pio::plugin::conformance {

Outcome finite_weights(const Subject& subject) {
  constexpr int64_t kPiece = 4096;  // a multiple of every format's block
  const formats::Checkpoint checkpoint = formats::open_checkpoint(subject.model);
  std::string out;
  std::vector<float> values(kPiece);
  for (const formats::TensorInfo& info : checkpoint.weights->tensors()) {
    const int64_t count = info.count();
    const auto& traits = quant::traits(info.type);
    int64_t bad = 0;
    for (int64_t at = 0; at < count; at += kPiece) {
      const int64_t size = std::min(kPiece, count - at);
      const auto* from = info.bytes.data() + at / traits.block_weights * traits.block_bytes;
      traits.dequantize(from, values.data(), size);
      bad += std::count_if(values.begin(), values.begin() + size,
                           [](float v) { return !std::isfinite(v); });
    }
    if (bad > 0) {
      out += concat(out.empty() ? "" : ", ", info.name, " has ", bad, " that are not finite");
    }
  }
  return out.empty() ? pass() : failed(out);
}

}  // namespace pio::plugin::conformance
