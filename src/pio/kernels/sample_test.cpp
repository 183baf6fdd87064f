// SPDX-License-Identifier: Apache-2.0
// sample: each version against the reference, and the reference against a naive computation in
// double.
#include <limits>
#include <map>
#include <numeric>

#include "pio/kernels/kernel_test_support.h"
#include "pio/kernels/params.h"

namespace pio::kernels {
namespace {

using namespace testing_support;  // NOLINT(google-build-using-namespace): a test

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

SampleRule rule(float temperature, int32_t top_k = 0, float top_p = 1, float min_p = 0) {
  return {.temperature = temperature,
          .top_k = top_k,
          .top_p = top_p,
          .min_p = min_p,
          .repetition_penalty = 1,
          .frequency_penalty = 0,
          .presence_penalty = 0,
          .seed = 42,
          .counter = 0,
          .history_begin = 0,
          .history_size = 0};
}

// Logits without outliers, so that many ids have a chance.
std::vector<float> smooth_logits(size_t count, uint32_t seed, float scale) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0.0f, scale);
  std::vector<float> out(count);
  std::generate(out.begin(), out.end(), [&] { return normal(random); });
  return out;
}

// One row by the kernel of `isa`; logits are changed by penalties.
int32_t sample_one(std::vector<float>& logits, const SampleRule& r,
                   const std::vector<int32_t>& history = {}, Isa isa = Isa::kReference) {
  std::vector<std::byte> scratch(logits.size() * 8);
  int32_t out = -7;
  const SampleParams p{.logits = logits.data(),
                       .logits_stride = static_cast<int64_t>(logits.size()),
                       .rules = &r,
                       .history = history.data(),
                       .rows = {.fixed = 1},
                       .vocab = static_cast<int64_t>(logits.size()),
                       .scratch = scratch.data(),
                       .out = &out};
  run_split(kernel(KernelId::k_sample, isa), &p, 0);
  return out;
}

TEST(Sample, GreedyTakesTheLargestAndTheLowestIdAmongEquals) {
  std::vector<float> logits = {1, 3, -2, 3, 0};
  EXPECT_EQ(sample_one(logits, rule(0)), 1);
  logits = {-5};
  EXPECT_EQ(sample_one(logits, rule(0)), 0);
  logits = {-kInf, -kInf, -4};
  EXPECT_EQ(sample_one(logits, rule(0)), 2);
}

TEST(Sample, ARowThatIsNotUsableGivesMinusOne) {
  for (const float temperature : {0.0f, 1.0f}) {
    for (std::vector<float> logits :
         {std::vector<float>{1, kNan, 2}, {1, 2, kNan}, {kNan}, {-kInf, -kInf}, {0, kInf, 1}}) {
      EXPECT_EQ(sample_one(logits, rule(temperature)), -1);
    }
  }
}

TEST(Sample, PenaltiesChangeTheLogitsOfTheHistory) {
  SampleRule r = rule(0);
  r.repetition_penalty = 2;
  r.frequency_penalty = 0.25f;
  r.presence_penalty = 0.5f;
  r.history_begin = 1;
  r.history_size = 4;
  std::vector<float> logits = {4, -1, 3, 0.5f};
  sample_one(logits, r, {3, 0, 1, 0, 0});  // the first entry is another row's
  EXPECT_EQ(logits, (std::vector<float>{2 - 0.75f - 0.5f, -2 - 0.25f - 0.5f, 3, 0.5f}));
}

// Probabilities of the ids that may be drawn, by the rule's definition.
std::map<int32_t, double> naive(const std::vector<float>& logits, const SampleRule& r) {
  const float max = *std::max_element(logits.begin(), logits.end());
  std::vector<std::pair<double, int32_t>> all;
  for (size_t id = 0; id < logits.size(); ++id) {
    const double p =
        std::exp(static_cast<double>(logits[id] - max) / static_cast<double>(r.temperature));
    if (p > 0) {
      all.emplace_back(-p, static_cast<int32_t>(id));
    }
  }
  std::sort(all.begin(), all.end());
  if (r.top_k > 0 && static_cast<size_t>(r.top_k) < all.size()) {
    all.resize(static_cast<size_t>(r.top_k));
  }
  const auto sum = [&] {
    return std::accumulate(all.begin(), all.end(), 0.0,
                           [](double s, const auto& c) { return s - c.first; });
  };
  if (r.top_p < 1) {
    const double wanted = static_cast<double>(r.top_p) * sum();
    double held = 0;
    size_t kept = 0;
    while (kept < all.size() && held < wanted) {
      held -= all[kept++].first;
    }
    all.resize(kept);
  }
  std::erase_if(all, [&](const auto& c) { return -c.first < static_cast<double>(r.min_p); });
  const double total = sum();
  std::map<int32_t, double> out;
  for (const auto& [p, id] : all) {
    out[id] = -p / total;
  }
  return out;
}

std::vector<SampleRule> rules() {
  return {rule(0),
          rule(1),
          rule(0.7f, 5),
          rule(1.5f, 1),
          rule(1, 0, 0.9f),
          rule(2, 0, 0.5f),
          rule(1, 0, 1, 0.05f),
          rule(0.8f, 40, 0.95f, 0.01f),
          rule(1, 0, 0.6f, 0.2f),
          rule(1.5f, 30, 1, 0.3f),
          rule(3, 500, 0.9f),
          rule(9, 0, 0.999f),
          rule(0.01f),
          rule(1, 100000)};
}

// Draws follow the naive distribution: every drawn id is allowed, and chi-square is unremarkable.
TEST(Sample, DrawsFollowTheDistribution) {
  for (const SampleRule& base : rules()) {
    if (base.temperature == 0.0f) {
      continue;
    }
    const auto logits = smooth_logits(300, 9, 1.5f);
    const auto expected = naive(logits, base);
    std::map<int32_t, int> seen;
    const int draws = 20000;
    for (int i = 0; i < draws; ++i) {
      SampleRule r = base;
      r.counter = static_cast<uint64_t>(i);
      auto row = logits;
      const int32_t id = sample_one(row, r, {}, best_isa());
      ASSERT_TRUE(expected.contains(id)) << id;
      ++seen[id];
    }
    double chi = 0;
    double cells = 0;
    double rare_expected = 0;
    double rare_seen = 0;
    for (const auto& [id, p] : expected) {
      if (p * draws < 10) {
        rare_expected += p * draws;
        rare_seen += seen[id];
        continue;
      }
      chi += (seen[id] - p * draws) * (seen[id] - p * draws) / (p * draws);
      cells += 1;
    }
    if (rare_expected > 5) {
      chi += (rare_seen - rare_expected) * (rare_seen - rare_expected) / rare_expected;
      cells += 1;
    }
    EXPECT_LT(chi, cells + 5 * std::sqrt(2 * cells) + 5) << base.temperature << " " << base.top_k;
  }
}

// top_p sees the ids that min_p takes away later: they count in the mass that it wants a share of.
TEST(Sample, MinPComesBehindTopP) {
  std::vector<float> logits = {0.0f, std::log(0.6f), std::log(0.3f)};
  logits.insert(logits.end(), 20, std::log(0.05f));  // together as much as the first
  std::map<int32_t, int> seen;
  for (uint64_t i = 0; i < 500; ++i) {
    SampleRule r = rule(1, 0, 0.5f, 0.1f);
    r.counter = i;
    auto row = logits;
    ++seen[sample_one(row, r, {}, best_isa())];
  }
  EXPECT_EQ(seen.size(), 2u) << "0.5 of 2.9 is the first two; behind min_p it would be the first";
  EXPECT_GT(seen[1], 100);
}

TEST(Sample, TheSameSeedAndCounterDrawTheSame) {
  auto logits = smooth_logits(1000, 3, 1);
  std::map<int32_t, int> seen;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    SampleRule r = rule(1);
    r.seed = seed;
    r.counter = seed % 3;
    const int32_t first = sample_one(logits, r);
    EXPECT_EQ(sample_one(logits, r), first);
    ++seen[first];
  }
  EXPECT_GT(seen.size(), 20u);
}

TEST(Sample, SameBits) {
  for (const int64_t vocab : {1, 2, 15, 16, 17, 255, 256, 257, 1000, 5000, 49152}) {
    const std::vector<SampleRule> all = rules();
    const auto rows = static_cast<int64_t>(3 * all.size());
    std::vector<SampleRule> row_rules;
    std::vector<int32_t> history(50);
    for (size_t i = 0; i < history.size(); ++i) {
      history[i] = static_cast<int32_t>(i * i % static_cast<size_t>(vocab));
    }
    for (int64_t r = 0; r < rows; ++r) {
      SampleRule one = all[static_cast<size_t>(r) % all.size()];
      one.counter = static_cast<uint64_t>(r);
      if (r % 3 == 1) {
        one.repetition_penalty = 1.3f;
        one.frequency_penalty = 0.1f;
        one.history_begin = r % 10;
        one.history_size = 40;
      }
      row_rules.push_back(one);
    }
    const int64_t stride = vocab + 3;
    const auto count = static_cast<size_t>(rows * stride);
    auto logits = vocab == 5000 ? random_floats(count, 4, 30.0f) : smooth_logits(count, 4, 2.0f);
    for (int64_t r = 0; r < rows; ++r) {
      float* row = logits.data() + r * stride;
      row[0] = r == 4 ? kNan : r == 6 ? -kInf : row[0];
      row[vocab - 1] = r == 5   ? kNan
                       : r == 7 ? -kInf
                       : r == 8 ? kInf
                       : r == 9 ? 100.0f
                                : row[vocab - 1];
      row[vocab / 2] = r == 9 ? 100.0f : row[vocab / 2];
    }
    std::vector<std::byte> scratch(static_cast<size_t>(rows * vocab * 8));
    std::vector<float> changed;
    const auto bind = [&](float* row_logits, int32_t* out) {
      return SampleParams{.logits = row_logits,
                          .logits_stride = stride,
                          .rules = row_rules.data(),
                          .history = history.data(),
                          .rows = {.fixed = rows},
                          .vocab = vocab,
                          .scratch = scratch.data(),
                          .out = out};
    };
    expect_same<int32_t>(
        KernelId::k_sample, static_cast<size_t>(rows),
        [&](int32_t* out) {
          changed = logits;
          return bind(changed.data(), out);
        },
        text(vocab));
    std::vector<int32_t> ids(static_cast<size_t>(rows));
    expect_same<float>(
        KernelId::k_sample, logits.size(), [&](float* out) { return bind(out, ids.data()); },
        text(vocab), logits);
  }
}

}  // namespace
}  // namespace pio::kernels
