// SPDX-License-Identifier: Apache-2.0
// The number of workers changes no bit of the logits, of a prompt or of decode rows.
#include <algorithm>

#include "pio/base/error.h"
#include "pio/plugin/conformance/check.h"

namespace pio::plugin::conformance {

Outcome thread_counts(const Subject& subject) {
  const std::span ids(subject.ids);
  const auto logits = [&](plan::KvType cache, int threads) {
    CausalLMPlugin& model = subject.loaded(cache, threads);
    Logits out = all_logits(model, ids, ids.size());
    for (auto& row : all_logits(model, ids.first(std::min<size_t>(ids.size(), 8)), 1)) {
      out.push_back(std::move(row));
    }
    return out;
  };
  for (const plan::KvType cache : subject.caches) {
    const Logits one = logits(cache, subject.thread_counts.front());
    for (const int threads : std::span(subject.thread_counts).subspan(1)) {
      if (const auto row = first_difference(one, logits(cache, threads))) {
        return failed(
            concat("row ", *row, " differs with ", threads, " threads, cache ", cache_name(cache)));
      }
    }
  }
  std::string counts;
  for (const int threads : subject.thread_counts) {
    counts += concat(counts.empty() ? "" : ", ", threads);
  }
  return pass(counts);
}

}  // namespace pio::plugin::conformance
