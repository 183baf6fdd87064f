// SPDX-License-Identifier: Apache-2.0
// Greedy generation, all in f32, gives the reference implementation's ids.
#include "pio/plugin/conformance/check.h"

namespace pio::plugin::conformance {

Outcome greedy(const Subject& subject) {
  const auto model = subject.load({.weights = WeightFormat::kF32, .kv_type = plan::KvType::kF32});
  return subject.golden->greedy_agrees(*model) ? pass()
                                               : failed("other tokens than the reference's");
}

}  // namespace pio::plugin::conformance
