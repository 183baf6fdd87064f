// SPDX-License-Identifier: Apache-2.0
// Greedy generation, all in f32, gives the reference implementation's ids.
#include <algorithm>

#include "pio/base/error.h"
#include "pio/plugin/conformance/check.h"

namespace pio::plugin::conformance {

Outcome greedy(const Subject& subject) {
  const auto model = subject.load({.weights = WeightFormat::kF32, .kv_type = plan::KvType::kF32});
  const auto [expected, got] = subject.golden->greedy(*model);
  const auto [wanted, found] = std::ranges::mismatch(expected, got);
  if (wanted == expected.end() && found == got.end()) {
    return pass();
  }
  const auto text = [](auto at, auto end) { return at == end ? "nothing" : std::to_string(*at); };
  return failed(concat("token ", wanted - expected.begin(), " is ", text(found, got.end()),
                       ", the reference's is ", text(wanted, expected.end())));
}

}  // namespace pio::plugin::conformance
