// SPDX-License-Identifier: Apache-2.0
// Hidden states of every layer, and logits, against the reference implementation, all in f32.
#include "pio/base/error.h"
#include "pio/plugin/conformance/check.h"
#include "pio/plugin/conformance/figure.h"

namespace pio::plugin::conformance {
namespace {

// What computes a tensor of a golden case.
std::string maker_of(std::string_view tensor) {
  constexpr std::string_view kHidden = "hidden.";
  const std::string_view tap = tensor.starts_with(kHidden) ? tensor.substr(kHidden.size()) : tensor;
  return tap == "embed"    ? "the embedding"
         : tap == "final"  ? "the final norm"
         : tap == "logits" ? "the head"
                           : concat("layer ", tap);
}

// Which part departs first, and by how much: what comes before it is right.
std::string explain(const GoldenDifference& found, const TensorDifference& first, double most) {
  const TensorDifference& worst = found.worst();
  std::string out =
      concat(first.name, " departs first: ", maker_of(first.name), " is ", figure(first.worst),
             " off in prompt ", first.prompt, ", allowed: ", most);
  if (const size_t at = static_cast<size_t>(&first - found.tensors.data()); at > 0) {
    const TensorDifference& before = found.tensors[at - 1];
    out += concat("; ", before.name, " before it is ", figure(before.worst), " off");
  }
  return worst.name == first.name ? out
                                  : concat(out, "; furthest is ", worst.name, ", ",
                                           figure(worst.worst), " off in prompt ", worst.prompt);
}

}  // namespace

Outcome goldens(const Subject& subject) {
  constexpr double kMost = 1e-3;
  const auto model =
      subject.load({.weights = WeightFormat::kF32, .kv_type = plan::KvType::kF32, .taps = true});
  const GoldenDifference found = subject.golden->compare(*model);
  if (const TensorDifference* first = found.first_above(kMost); first != nullptr) {
    return failed(explain(found, *first, kMost));
  }
  const TensorDifference& worst = found.worst();
  return pass(concat(found.compared, " tensors, at most ", figure(worst.worst), " off, in ",
                     worst.prompt, ".", worst.name));
}

}  // namespace pio::plugin::conformance
