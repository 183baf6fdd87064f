// SPDX-License-Identifier: Apache-2.0
// The definition of sampling. Penalties, then probabilities p = exp((logit - max) / temperature); top_k, min_p
// and top_p each narrow the candidates, taken by falling p, then rising id; one uniform number picks.
#include <algorithm>
#include <cstring>
#include <limits>
#include <span>

#include "pio/kernels/kernels.h"
#include "pio/kernels/scalar_math.h"

namespace pio::kernels {
namespace {

struct Candidate {
  float p;
  int32_t id;
};

// Probable first; among equals the lower id.
bool before(const Candidate& a, const Candidate& b) noexcept {
  return a.p != b.p ? a.p > b.p : a.id < b.id;
}

uint64_t mix(uint64_t x) noexcept {  // the finalizer of SplitMix64 (Steele et al. 2014)
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
  return x ^ (x >> 31);
}

// Uniform in [0, 1), a function of seed and counter alone.
double uniform(uint64_t seed, uint64_t counter) noexcept {
  const uint64_t bits = mix(mix(seed) + 0x9e3779b97f4a7c15ull * (counter + 1));
  return static_cast<double>(bits >> 11) * 0x1p-53;
}

void penalize(const SampleRule& rule, const int32_t* history, std::span<float> logits,
              int32_t* counts) noexcept {
  if (rule.history_size == 0 || (rule.repetition_penalty == 1.0f && rule.frequency_penalty == 0.0f &&
                                 rule.presence_penalty == 0.0f)) {
    return;
  }
  std::memset(counts, 0, logits.size() * sizeof(int32_t));
  for (int64_t i = 0; i < rule.history_size; ++i) {
    ++counts[history[rule.history_begin + i]];
  }
  for (size_t id = 0; id < logits.size(); ++id) {
    if (counts[id] > 0) {
      float& value = logits[id];
      value = value > 0 ? value / rule.repetition_penalty : value * rule.repetition_penalty;
      value -= static_cast<float>(counts[id]) * rule.frequency_penalty + rule.presence_penalty;
    }
  }
}

// Index of the largest logit, the lowest id among equals; -1 if one is NaN or none is finite.
int32_t argmax(std::span<const float> logits) noexcept {
  int32_t best = -1;
  float max = -std::numeric_limits<float>::infinity();
  for (size_t id = 0; id < logits.size(); ++id) {
    if (!(logits[id] <= max)) {
      if (logits[id] != logits[id]) {
        return -1;
      }
      max = logits[id];
      best = static_cast<int32_t>(id);
    }
  }
  return max < std::numeric_limits<float>::infinity() ? best : -1;
}

double mass(std::span<const Candidate> candidates) noexcept {
  double sum = 0;
  for (const Candidate& c : candidates) {
    sum += static_cast<double>(c.p);
  }
  return sum;
}

// The shortest run of sorted candidates that holds `top_p` of `total`; at least one.
size_t nucleus(std::span<const Candidate> sorted, double top_p, double total) noexcept {
  double sum = 0;
  for (size_t i = 0; i < sorted.size(); ++i) {
    sum += static_cast<double>(sorted[i].p);
    if (sum >= top_p * total) {
      return i + 1;
    }
  }
  return sorted.size();
}

// Sorts only the candidates that top_p can need: those above a falling bound on p.
std::span<Candidate> keep_top_p(std::span<Candidate> all, double top_p) noexcept {
  const double total = mass(all);
  for (const float bound : {1e-3f, 1e-5f, 0.0f}) {
    const auto middle = std::partition(all.begin(), all.end(),
                                       [&](const Candidate& c) { return c.p >= bound; });
    const std::span<Candidate> likely(all.begin(), middle);
    std::sort(likely.begin(), likely.end(), before);
    const size_t kept = nucleus(likely, top_p, total);
    if (kept < likely.size() || bound == 0.0f || mass(likely) >= top_p * total) {
      return likely.first(kept);
    }
  }
  return all;
}

std::span<Candidate> keep_top_k(std::span<Candidate> all, int32_t top_k) noexcept {
  const auto k = static_cast<size_t>(top_k);
  if (k < all.size()) {
    std::nth_element(all.begin(), all.begin() + top_k, all.end(), before);
    all = all.first(k);
  }
  std::sort(all.begin(), all.end(), before);
  return all;
}

int32_t draw(const SampleRule& rule, std::span<const float> logits, float max,
             Candidate* scratch) noexcept {
  size_t count = 0;
  for (size_t id = 0; id < logits.size(); ++id) {
    const float p = logits[id] == -std::numeric_limits<float>::infinity()
                        ? 0.0f
                        : exp_f32((logits[id] - max) / rule.temperature);
    if (p >= rule.min_p && p > 0.0f) {
      scratch[count++] = {p, static_cast<int32_t>(id)};
    }
  }
  std::span<Candidate> kept(scratch, count);
  if (rule.top_k > 0) {
    kept = keep_top_k(kept, rule.top_k);
  }
  if (rule.top_p < 1.0f) {
    kept = keep_top_p(kept, static_cast<double>(rule.top_p));
  }
  const double target = uniform(rule.seed, rule.counter) * mass(kept);
  double sum = 0;
  for (const Candidate& c : kept) {
    sum += static_cast<double>(c.p);
    if (sum > target) {
      return c.id;
    }
  }
  return kept.back().id;
}

}  // namespace

void sample_reference(const SampleParams& p, int64_t begin, int64_t end) noexcept {
  for (int64_t r = begin; r < end; ++r) {
    const SampleRule& rule = p.rules[r];
    const std::span<float> logits(p.logits + r * p.logits_stride, static_cast<size_t>(p.vocab));
    std::byte* scratch = p.scratch + r * p.vocab * int64_t{sizeof(Candidate)};
    penalize(rule, p.history, logits, reinterpret_cast<int32_t*>(scratch));
    const int32_t best = argmax(logits);
    if (best < 0 || rule.temperature == 0.0f) {
      p.out[r] = best;
      continue;
    }
    p.out[r] = draw(rule, logits, logits[static_cast<size_t>(best)],
                    reinterpret_cast<Candidate*>(scratch));
  }
}

}  // namespace pio::kernels
