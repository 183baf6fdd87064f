// SPDX-License-Identifier: Apache-2.0
// Hidden states of every layer, and logits, against the reference implementation, all in f32.
#include "pio/base/error.h"
#include "pio/plugin/conformance/check.h"

namespace pio::plugin::conformance {

Outcome goldens(const Subject& subject) {
  constexpr double kMost = 1e-3;
  const auto model =
      subject.load({.weights = WeightFormat::kF32, .kv_type = plan::KvType::kF32, .taps = true});
  const GoldenDifference found = subject.golden->compare(*model);
  const std::string detail =
      concat(found.tensors, " tensors, at most ", found.worst, " off, in ", found.where);
  return found.worst <= kMost ? pass(detail) : failed(concat(detail, "; allowed: ", kMost));
}

}  // namespace pio::plugin::conformance
