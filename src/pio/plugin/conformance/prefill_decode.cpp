// SPDX-License-Identifier: Apache-2.0
// A prompt computed at once and token by token has the same logits, bit for bit.
#include "pio/base/error.h"
#include "pio/plugin/conformance/check.h"

namespace pio::plugin::conformance {

Outcome prefill_decode(const Subject& subject) {
  for (const plan::KvType cache : subject.caches) {
    CausalLMPlugin& model = subject.loaded(cache);
    const Logits whole = all_logits(model, subject.ids, subject.ids.size());
    if (const auto row = first_difference(whole, all_logits(model, subject.ids, 1))) {
      return failed(concat("row ", *row, " differs, cache ", cache_name(cache)));
    }
  }
  return pass(concat(subject.ids.size(), " rows"));
}

}  // namespace pio::plugin::conformance
