// SPDX-License-Identifier: Apache-2.0
// The pieces that a prompt is cut into change no bit of its logits.
#include "pio/base/error.h"
#include "pio/plugin/conformance/check.h"

namespace pio::plugin::conformance {

Outcome chunks(const Subject& subject) {
  for (const plan::KvType cache : subject.caches) {
    CausalLMPlugin& model = subject.loaded(cache);
    const Logits whole = all_logits(model, subject.ids, subject.ids.size());
    for (const size_t chunk : {size_t{7}, size_t{64}}) {
      if (chunk >= subject.ids.size()) {
        break;  // that is the whole
      }
      if (const auto row = first_difference(whole, all_logits(model, subject.ids, chunk))) {
        return failed(
            concat("row ", *row, " differs in chunks of ", chunk, ", cache ", cache_name(cache)));
      }
    }
  }
  return pass("7, 64, whole");
}

}  // namespace pio::plugin::conformance
