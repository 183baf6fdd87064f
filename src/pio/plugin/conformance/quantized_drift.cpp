// SPDX-License-Identifier: Apache-2.0
// Weights quantized while loading move the logits, but not far.
#include "pio/base/error.h"
#include "pio/plugin/conformance/check.h"
#include "pio/plugin/conformance/figure.h"

namespace pio::plugin::conformance {

Outcome quantized_drift(const Subject& subject) {
  struct Bound {
    const char* name;
    WeightFormat format;
    double most;  // of |logits - golden| / |golden|; logits that have nothing to do with it: 1.4
  };
  // Random weights quantize far worse than trained ones: the tiny models drift up to 0.06 and 0.77.
  constexpr Bound kBounds[] = {{"q8", WeightFormat::kQ8, 0.08}, {"q4", WeightFormat::kQ4, 0.9}};
  std::string detail;
  bool ok = true;
  for (const Bound& bound : kBounds) {
    const auto model = subject.load({.weights = bound.format});
    const double drift = subject.golden->logit_drift(*model);
    ok = ok && drift <= bound.most;
    detail += concat(detail.empty() ? "" : ", ", bound.name, " ", figure(drift),
                     " (allowed: ", bound.most, ")");
  }
  return {ok, detail};
}

}  // namespace pio::plugin::conformance
