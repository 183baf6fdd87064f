// SPDX-License-Identifier: Apache-2.0
// The definition of sampling. Penalties, then weights p = exp((logit - max) / temperature); top_k,
// top_p and min_p in turn narrow the candidates (transformers' order), taken by falling p, then
// rising id; one uniform number picks. Without top_k and top_p they are taken by rising id.
#include "pio/kernels/reference/sample_select.h"

#include <algorithm>
#include <array>
#include <limits>
#include <span>

#include "pio/base/split_mix.h"

namespace pio::kernels {
namespace {

// Weights below a bound are looked at only when those above it do not decide; the last is under
// every weight.
constexpr std::array<float, 3> kBounds = {1e-3f, 1e-5f, std::numeric_limits<float>::min()};

// Uniform in [0, 1), a function of seed and counter alone.
double uniform(const SampleRule& rule) noexcept {
  const uint64_t bits = split_mix(split_mix(rule.seed) + kSplitMixStep * (rule.counter + 1));
  return static_cast<double>(bits >> 11) * 0x1p-53;
}

// counts: [vocab] of any content; only the entries of ids in the history are used.
void penalize(const SampleRule& rule, const int32_t* all_history, float* logits,
              int32_t* counts) noexcept {
  if (rule.repetition_penalty == 1.0f && rule.frequency_penalty == 0.0f &&
      rule.presence_penalty == 0.0f) {
    return;
  }
  const std::span<const int32_t> history(all_history + rule.history_begin,
                                         static_cast<size_t>(rule.history_size));
  for (const int32_t id : history) {
    counts[id] = 0;
  }
  for (const int32_t id : history.subspan(static_cast<size_t>(rule.answer_begin))) {
    ++counts[id];
  }
  for (const int32_t id : history) {
    const int32_t count = counts[id];
    if (count < 0) {
      continue;
    }
    counts[id] = -1;  // each id once
    float& value = logits[id];
    value = value > 0 ? value / rule.repetition_penalty : value * rule.repetition_penalty;
    if (count > 0) {
      value -= static_cast<float>(count) * rule.frequency_penalty + rule.presence_penalty;
    }
  }
}

// The weights of one row, and room for ids.
struct Weights {
  const SampleLoops& loops;
  const float* p;
  int64_t vocab;
  int32_t* ids;

  [[nodiscard]] double at(int32_t id) const noexcept { return static_cast<double>(p[id]); }
  [[nodiscard]] double block(int64_t begin) const noexcept {
    return loops.block_mass(p + begin, std::min(kSampleBlock, vocab - begin));
  }
  [[nodiscard]] double total() const noexcept {
    double sum = 0;
    for (int64_t begin = 0; begin < vocab; begin += kSampleBlock) {
      sum += block(begin);
    }
    return sum;
  }
  [[nodiscard]] double mass(std::span<const int32_t> some) const noexcept {
    double sum = 0;
    for (const int32_t id : some) {
      sum += at(id);
    }
    return sum;
  }
  [[nodiscard]] std::span<int32_t> collect(float bound) const noexcept {
    return {ids, static_cast<size_t>(loops.collect(p, vocab, bound, ids))};
  }
  // Probable first; among equals the lower id.
  [[nodiscard]] auto before() const noexcept {
    return [weights = p](int32_t a, int32_t b) {
      return weights[a] != weights[b] ? weights[a] > weights[b] : a < b;
    };
  }
};

// The shortest run of sorted candidates that holds `wanted`, at least one; 0 if there is none.
size_t nucleus(const Weights& weights, std::span<const int32_t> sorted, double wanted) noexcept {
  double sum = 0;
  for (size_t i = 0; i < sorted.size(); ++i) {
    sum += weights.at(sorted[i]);
    if (sum >= wanted) {
      return i + 1;
    }
  }
  return 0;
}

std::span<int32_t> keep_top_k(const Weights& weights, int32_t top_k) noexcept {
  std::span<int32_t> some;
  for (const float bound : kBounds) {
    some = weights.collect(bound);
    if (some.size() >= static_cast<size_t>(top_k)) {
      break;
    }
  }
  if (static_cast<size_t>(top_k) < some.size()) {
    std::nth_element(some.begin(), some.begin() + top_k, some.end(), weights.before());
    some = some.first(static_cast<size_t>(top_k));
  }
  std::sort(some.begin(), some.end(), weights.before());
  return some;
}

std::span<int32_t> keep_top_p(const Weights& weights, double top_p) noexcept {
  const double wanted = top_p * weights.total();
  std::span<int32_t> some;
  for (const float bound : kBounds) {
    some = weights.collect(bound);
    std::sort(some.begin(), some.end(), weights.before());
    const size_t kept = nucleus(weights, some, wanted);
    if (kept > 0) {
      return some.first(kept);
    }
  }
  return some;
}

// The first id at which the weights up to it exceed `target`; the last candidate where roundings
// leave none.
int32_t pick_of_all(const Weights& weights, double target) noexcept {
  double sum = 0;
  int32_t last = -1;
  for (int64_t begin = 0; begin < weights.vocab; begin += kSampleBlock) {
    const double block = weights.block(begin);
    if (sum + block > target || begin + kSampleBlock >= weights.vocab) {
      const int64_t end = std::min(begin + kSampleBlock, weights.vocab);
      for (auto id = static_cast<int32_t>(begin); id < end; ++id) {
        sum += weights.at(id);
        last = weights.p[id] > 0 ? id : last;
        if (sum > target) {
          return id;
        }
      }
      if (last >= 0) {
        return last;
      }
      continue;
    }
    sum += block;
  }
  return last;
}

// Sorted candidates down to min_p, at least one; the weight of the first is 1.
std::span<int32_t> keep_min_p(const Weights& weights, std::span<int32_t> sorted,
                              float min_p) noexcept {
  const auto end = std::partition_point(sorted.begin(), sorted.end(),
                                        [&](int32_t id) { return weights.p[id] >= min_p; });
  return sorted.first(std::max<size_t>(1, static_cast<size_t>(end - sorted.begin())));
}

bool takes_all(const SampleRule& rule) noexcept { return rule.top_k <= 0 && rule.top_p >= 1.0f; }

int32_t pick(const Weights& weights, const SampleRule& rule) noexcept {
  if (takes_all(rule)) {
    return pick_of_all(weights, uniform(rule) * weights.total());
  }
  std::span<int32_t> kept;
  if (rule.top_k > 0) {
    kept = keep_top_k(weights, rule.top_k);
    const size_t size =
        rule.top_p < 1.0f
            ? nucleus(weights, kept, static_cast<double>(rule.top_p) * weights.mass(kept))
            : 0;
    kept = size > 0 ? kept.first(size) : kept;
  } else {
    kept = keep_top_p(weights, static_cast<double>(rule.top_p));
  }
  kept = keep_min_p(weights, kept, rule.min_p);
  const double target = uniform(rule) * weights.mass(kept);
  double sum = 0;
  for (const int32_t id : kept) {
    sum += weights.at(id);
    if (sum > target) {
      return id;
    }
  }
  return kept.back();
}

}  // namespace

void sample_rows(const SampleParams& p, int64_t begin, int64_t end,
                 const SampleLoops& loops) noexcept {
  for (int64_t r = begin; r < end; ++r) {
    const SampleRule& rule = p.rules[r];
    float* logits = p.logits + r * p.logits_stride;
    auto* weights = reinterpret_cast<float*>(p.scratch + r * p.vocab * 8);
    auto* ids = reinterpret_cast<int32_t*>(weights + p.vocab);
    penalize(rule, p.history, logits, ids);
    const int32_t best = loops.argmax(logits, p.vocab);
    if (best < 0 || rule.temperature == 0.0f) {
      p.out[r] = best;
      continue;
    }
    const float least = takes_all(rule) ? rule.min_p : 0.0f;
    loops.weigh(logits, p.vocab, logits[best], rule.temperature, least, weights);
    p.out[r] = pick({.loops = loops, .p = weights, .vocab = p.vocab, .ids = ids}, rule);
  }
}

}  // namespace pio::kernels
