// SPDX-License-Identifier: Apache-2.0
// Decode rows of some sequences in one step with prompt rows of others: the logits of each are
// those it has alone.
#include <algorithm>
#include <array>

#include "pio/base/checked.h"
#include "pio/base/error.h"
#include "pio/plugin/conformance/check.h"

namespace pio::plugin::conformance {

namespace {

// A sequence that is run by hand, step by step, among others.
struct Sequence {
  std::vector<int32_t> ids;
  std::vector<int32_t> pages;
  int64_t done = 0;
  Logits expected;
};

// The subject's prompt, and seven that share no prefix with it, of other lengths; each run alone.
std::vector<Sequence> make_sequences(CausalLMPlugin& model, std::span<const int32_t> ids) {
  constexpr std::array<size_t, 8> kLengths = {0, 9, 17, 34, 6, 13, 21, 40};
  std::vector<Sequence> out(kLengths.size());
  for (size_t s = 0; s < out.size(); ++s) {
    const size_t length =
        s == 0 ? ids.size() : std::clamp<size_t>(kLengths[s], 1, ids.size() / 2 + 1);
    for (size_t i = 0; i < length; ++i) {
      out[s].ids.push_back(ids[s == 0 ? i : (i * 5 + s * 3 + 1) % ids.size()]);
    }
    out[s].expected = all_logits(model, out[s].ids, length);
  }
  return out;
}

void take_pages(CausalLMPlugin& model, std::vector<Sequence>& sequences) {
  for (Sequence& sequence : sequences) {
    const auto length = static_cast<int64_t>(sequence.ids.size());
    for (int64_t p = 0; p < div_up(length, plan::kPageSize); ++p) {
      sequence.pages.push_back(model.runner().blocks().allocate());
    }
  }
}

// One step with `counts[s]` rows of each sequence. Says what differs, or "".
std::string run_step(CausalLMPlugin& model, std::vector<Sequence>& sequences,
                     const std::vector<int64_t>& counts) {
  auto& runner = model.runner();
  std::vector<generation::BatchPiece> pieces;
  plan::SampleRule rule{};
  rule.repetition_penalty = 1.0f;
  for (size_t s = 0; s < sequences.size(); ++s) {
    if (counts[s] > 0) {
      const auto rows =
          std::span<const int32_t>(sequences[s].ids)
              .subspan(static_cast<size_t>(sequences[s].done), static_cast<size_t>(counts[s]));
      pieces.push_back({.ids = rows,
                        .position = sequences[s].done,
                        .pages = sequences[s].pages,
                        .wanted = counts[s],
                        .rule = rule});
    }
  }
  runner.run(pieces);
  int64_t at = 0;
  for (size_t s = 0; s < sequences.size(); ++s) {
    for (int64_t i = 0; i < counts[s]; ++i) {
      std::vector<float> got(static_cast<size_t>(runner.vocab()));
      runner.executor().read_logits(at++, got);
      const auto row = static_cast<size_t>(sequences[s].done + i);
      if (first_difference({sequences[s].expected[row]}, {got})) {
        return concat("row ", row, " of sequence ", s, ", ",
                      counts[s] == 1 ? "decoded" : "in its prompt");
      }
    }
    sequences[s].done += counts[s];
  }
  return "";
}

// The first four begin, decode beside the prompts of the others, which come in two parts, and all
// end by decoding.
std::string run_mixed(CausalLMPlugin& model, std::vector<Sequence>& sequences) {
  constexpr int64_t kDecoded = 3;
  for (int step = 0; step < 4; ++step) {
    std::vector<int64_t> counts;
    for (size_t s = 0; s < sequences.size(); ++s) {
      const auto length = static_cast<int64_t>(sequences[s].ids.size());
      const int64_t left = length - sequences[s].done;
      const int64_t first = std::max<int64_t>(length - kDecoded, 1);
      const bool early = s < 4;
      counts.push_back(std::min(left, early ? (step == 0 ? first : 1)
                                            : (step == 0   ? 0
                                               : step == 1 ? div_up(length, int64_t{2})
                                               : step == 2 ? std::max<int64_t>(left - 1, 1)
                                                           : left)));
    }
    if (const std::string what = run_step(model, sequences, counts); !what.empty()) {
      return concat(what, ", step ", step);
    }
  }
  return "";
}

void release_pages(CausalLMPlugin& model, const std::vector<Sequence>& sequences) {
  for (const Sequence& sequence : sequences) {
    for (const int32_t page : sequence.pages) {
      model.runner().blocks().release(page);
    }
  }
}
}  // namespace

Outcome batch_mix(const Subject& subject) {
  for (const plan::KvType cache : subject.caches) {
    const auto expected = make_sequences(subject.loaded(cache, 1), subject.ids);
    for (const int threads : {1, 2}) {
      CausalLMPlugin& model = subject.loaded(cache, threads);
      auto sequences = expected;
      take_pages(model, sequences);
      const std::string what = run_mixed(model, sequences);
      release_pages(model, sequences);
      if (!what.empty()) {
        return failed(concat(what, ", ", threads, " threads, cache ", cache_name(cache)));
      }
    }
  }
  return pass("8 sequences in 4 steps");
}

}  // namespace pio::plugin::conformance
