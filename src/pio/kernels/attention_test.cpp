// SPDX-License-Identifier: Apache-2.0
// attention and dense_attention: each version against the reference, the reference against a naive
// double computation, and the same bits for a row alone, in a batch and in any split of the work.
#include "pio/kernels/attention_split.h"
#include "pio/kernels/kv_test_support.h"

namespace pio::kernels {
namespace {

using namespace testing_support;  // NOLINT(google-build-using-namespace): a test

struct Case {
  CacheShape shape;
  int64_t group;
  BatchRows rows;
  int64_t window = 0;
  float softcap = 0;
  bool sinks = false;
  float q_scale = 1;
};

BatchRows span(int32_t sequence, int32_t begin, int32_t end) {
  BatchRows out;
  for (int32_t position = begin; position < end; ++position) {
    out.emplace_back(sequence, position);
  }
  return out;
}

BatchRows join(std::initializer_list<BatchRows> parts) {
  BatchRows out;
  for (const BatchRows& part : parts) {
    out.insert(out.end(), part.begin(), part.end());
  }
  return out;
}

const BatchRows kBorders = {{0, 0},  {1, 15},  {2, 16},  {3, 63},  {4, 64},
                            {5, 79}, {6, 511}, {7, 512}, {8, 600}, {9, 127}};
// A prompt, decode rows among it, a prompt that goes on at a segment border, a row twice.
const BatchRows kMixed =
    join({span(0, 0, 37), {{1, 100}}, span(2, 505, 520), {{3, 64}}, {{3, 64}}, span(4, 60, 70)});

struct Problem {
  Case c;
  Cache cache;
  std::vector<float> q, sinks;
  int64_t heads, q_stride, out_stride;

  explicit Problem(const Case& from)
      : c(from),
        cache(from.shape, from.rows, from.window),
        heads(from.group * from.shape.kv_heads),
        q_stride(heads * from.shape.head_dim + 3),
        out_stride(heads * from.shape.value_dim + 5) {
    q = random_floats(c.rows.size() * static_cast<size_t>(q_stride) + 1, 21, c.q_scale);
    sinks = random_floats(static_cast<size_t>(heads), 22, 2.0f);
  }

  AttentionParams params(float* out) {
    return {.q = q.data(),
            .q_stride = q_stride,
            .rows = {.fixed = static_cast<int64_t>(c.rows.size())},
            .heads = heads,
            .scale = 1.0f / std::sqrt(static_cast<float>(c.shape.head_dim)),
            .window = c.window,
            .softcap = c.softcap,
            .sinks = c.sinks ? sinks.data() : nullptr,
            .kv = cache.view(),
            .parts = nullptr,
            .part_rows = 0,
            .out = out,
            .out_stride = out_stride};
  }
  [[nodiscard]] size_t out_size() const { return c.rows.size() * static_cast<size_t>(out_stride); }
};

std::string describe(const Case& c) {
  return text(static_cast<int>(c.shape.type), c.shape.kv_heads, c.shape.head_dim, c.shape.value_dim,
              c.group, c.rows.size(), c.window, c.softcap, c.sinks);
}

void expect_same_attention(const Case& c) {
  Problem problem(c);
  expect_same<float>(
      KernelId::k_attention, problem.out_size(), [&](float* out) { return problem.params(out); },
      describe(c));
}

TEST(Attention, SameBitsAtBorders) {
  for (const KvType type : {KvType::kF16, KvType::kF32, KvType::kQ8}) {
    for (const int64_t head_dim : {16, 64, 80}) {
      expect_same_attention({.shape = {type, 2, head_dim, head_dim}, .group = 3, .rows = kBorders});
    }
  }
  expect_same_attention({.shape = {KvType::kF16, 1, 64, 64}, .group = 2, .rows = {{0, 1300}}});
}

TEST(Attention, SameBitsForHeadDims) {
  for (const KvType type : {KvType::kF16, KvType::kF32, KvType::kQ8}) {
    for (const int64_t head_dim : {8, 16, 32, 64, 80, 96, 128}) {
      expect_same_attention(
          {.shape = {type, 2, head_dim, head_dim}, .group = 2, .rows = span(0, 0, 70)});
    }
    for (const int64_t value_dim : {5, 16, 48, 120, 192, 256}) {
      expect_same_attention(
          {.shape = {type, 1, 24, value_dim}, .group = 2, .rows = span(0, 60, 101)});
    }
  }
}

TEST(Attention, SameBitsForGroups) {
  for (int64_t group = 1; group <= 8; ++group) {
    expect_same_attention({.shape = {KvType::kF16, 1, 32, 32}, .group = group, .rows = kMixed});
  }
  expect_same_attention(
      {.shape = {KvType::kF16, 1, 16, 16}, .group = 71, .rows = span(0, 120, 153)});
}

TEST(Attention, SameBitsWithWindowsSinksAndSoftcap) {
  for (const KvType type : {KvType::kF16, KvType::kF32, KvType::kQ8}) {
    for (const int64_t window : {1, 5, 16, 64, 100, 513}) {
      expect_same_attention({.shape = {type, 2, 32, 32},
                             .group = 2,
                             .rows = kMixed,
                             .window = window,
                             .softcap = window == 64 ? 5.0f : 0.0f,
                             .sinks = window > 60});
    }
  }
  expect_same_attention({.shape = {KvType::kF16, 1, 64, 64},
                         .group = 1,
                         .rows = kMixed,
                         .softcap = 30.0f,
                         .sinks = true});
}

// Scores so far apart that most weights vanish, and infinite or NaN queries.
TEST(Attention, SameBitsForHardNumbers) {
  for (const float q_scale : {100.0f, 1e30f, 1e38f}) {
    expect_same_attention(
        {.shape = {KvType::kF16, 2, 64, 64}, .group = 2, .rows = kMixed, .q_scale = q_scale});
  }
  Problem problem({.shape = {KvType::kF32, 1, 32, 32}, .group = 3, .rows = kMixed});
  for (size_t i = 0; i < problem.q.size(); i += 97) {
    problem.q[i] = i % 2 == 0 ? std::numeric_limits<float>::infinity()
                              : std::numeric_limits<float>::quiet_NaN();
  }
  expect_same<float>(
      KernelId::k_attention, problem.out_size(), [&](float* out) { return problem.params(out); },
      "nan");
}

// Softmax and sums in double.
std::vector<double> naive(Problem& problem, size_t row, int64_t head) {
  const Case& c = problem.c;
  const auto [sequence, position] = c.rows[row];
  const int64_t first = c.window > 0 ? std::max<int64_t>(0, position - c.window + 1) : 0;
  const float* q =
      problem.q.data() + static_cast<int64_t>(row) * problem.q_stride + head * c.shape.head_dim;
  std::vector<double> out(static_cast<size_t>(c.shape.value_dim));
  double total =
      c.sinks ? std::exp(static_cast<double>(problem.sinks[static_cast<size_t>(head)])) : 0.0;
  for (int64_t j = first; j <= position; ++j) {
    double s = 0;
    for (int64_t i = 0; i < c.shape.head_dim; ++i) {
      s += static_cast<double>(q[i]) *
           static_cast<double>(problem.cache.key(sequence, j, head / c.group, i));
    }
    s /= std::sqrt(static_cast<double>(c.shape.head_dim));
    s = c.softcap != 0
            ? static_cast<double>(c.softcap) * std::tanh(s / static_cast<double>(c.softcap))
            : s;
    const double p = std::exp(s);
    total += p;
    for (int64_t i = 0; i < c.shape.value_dim; ++i) {
      out[static_cast<size_t>(i)] +=
          p * static_cast<double>(problem.cache.value(sequence, j, head / c.group, i));
    }
  }
  for (double& x : out) {
    x /= total;
  }
  return out;
}

TEST(Attention, ReferenceIsSoftmaxAttention) {
  for (const int64_t window : {0, 20}) {
    for (const bool extras : {false, true}) {
      Problem problem({.shape = {extras ? KvType::kQ8 : KvType::kF16, 2, 32, 48},
                       .group = 2,
                       .rows = kMixed,
                       .window = window,
                       .softcap = extras ? 2.0f : 0.0f,
                       .sinks = extras});
      std::vector<float> out(problem.out_size());
      const AttentionParams p = problem.params(out.data());
      run_split(kernel(KernelId::k_attention, Isa::kReference), &p, 0);
      for (size_t row = 0; row < problem.c.rows.size(); ++row) {
        for (int64_t head = 0; head < problem.heads; ++head) {
          const std::vector<double> expected = naive(problem, row, head);
          for (size_t i = 0; i < expected.size(); ++i) {
            const auto at = static_cast<int64_t>(row) * problem.out_stride + head * 48;
            ASSERT_NEAR(out[static_cast<size_t>(at) + i], expected[i], 2e-5) << row << " " << head;
          }
        }
      }
    }
  }
}

TEST(Attention, ARowAloneEqualsTheRowInABatch) {
  Problem batch({.shape = {KvType::kF16, 2, 64, 64}, .group = 3, .rows = kMixed});
  for (const Isa isa : kIsas) {
    if (!is_available(isa)) {
      continue;
    }
    std::vector<float> together(batch.out_size());
    const AttentionParams p = batch.params(together.data());
    run_split(kernel(KernelId::k_attention, isa), &p, 0);
    std::vector<float> alone(batch.out_size());
    for (size_t row = 0; row < kMixed.size(); ++row) {
      AttentionParams one =
          batch.params(alone.data() + static_cast<int64_t>(row) * batch.out_stride);
      one.q += static_cast<int64_t>(row) * batch.q_stride;
      one.kv.positions += row;
      one.kv.sequence += row;
      one.rows.fixed = 1;
      run_split(kernel(KernelId::k_attention, isa), &one, 1);
    }
    ASSERT_TRUE(same_bits(together, alone)) << name(isa);
  }
}

// Tasks of a segment each and the merge of their parts, on every instruction set, against tasks of whole rows.
void expect_same_when_cut(const Case& c, int64_t part_rows) {
  Problem problem(c);
  std::vector<float> whole(problem.out_size());
  const AttentionParams uncut = problem.params(whole.data());
  run_split(kernel(KernelId::k_attention, Isa::kReference), &uncut, 0);
  for (const Isa isa : kIsas) {
    if (!is_available(isa)) {
      continue;
    }
    for (const int64_t step : {0, 1, 3}) {
      std::vector<float> out(problem.out_size());
      const int64_t part_floats = problem.heads * attention_part_floats(c.shape.value_dim);
      std::vector<float> parts(static_cast<size_t>(part_rows * part_floats), std::nanf(""));
      AttentionParams p = problem.params(out.data());
      p.parts = parts.data();
      p.part_rows = part_rows;
      run_split(kernel(KernelId::k_attention, isa), &p, step);
      run_split(kernel(KernelId::k_attention_merge, isa), &p, step);
      ASSERT_TRUE(same_bits(whole, out)) << describe(c) << name(isa) << " step " << step;
    }
  }
}

TEST(Attention, CutBySegmentsSameBits) {
  const BatchRows far_apart = {{0, 511}, {1, 2047}, {2, 600}, {3, 1}};
  const BatchRows two_sequences = join({span(0, 1021, 1027), {{1, 512}, {1, 513}}});
  for (const KvType type : {KvType::kF16, KvType::kF32, KvType::kQ8}) {
    for (const BatchRows& rows : {BatchRows{{0, 1300}}, far_apart, two_sequences}) {
      for (const int64_t window : {0, 9, 700}) {
        expect_same_when_cut(
            {.shape = {type, 2, 32, 48}, .group = 3, .rows = rows, .window = window, .sinks = window == 9}, 64);
      }
    }
    expect_same_when_cut({.shape = {type, 1, 24, 40}, .group = 14, .rows = two_sequences}, 64);
  }
}

TEST(Attention, IsCutWhereRowsAreFewAndPartsFit) {
  const auto segments = [](const BatchRows& rows, int64_t part_rows, int64_t window = 0) {
    Problem problem({.shape = {KvType::kF16, 2, 16, 16}, .group = 1, .rows = rows, .window = window});
    AttentionParams p = problem.params(nullptr);
    float room = 0;  // not written
    p.parts = &room;
    p.part_rows = part_rows;
    const AttentionSplit split = attention_split(p);
    const auto count = static_cast<int64_t>(rows.size());
    EXPECT_EQ(kernel(KernelId::k_attention, Isa::kReference).tasks(&p), 2 * count * split.count);
    EXPECT_EQ(kernel(KernelId::k_attention_merge, Isa::kReference).tasks(&p), split.count > 1 ? count : 0);
    return split.count;
  };
  EXPECT_EQ(segments({{0, 511}}, 64), 1);
  EXPECT_EQ(segments({{0, 512}}, 64), 2);
  EXPECT_EQ(segments({{0, 1300}, {1, 0}}, 6), 3);
  EXPECT_EQ(segments({{0, 1300}, {1, 0}}, 5), 1);
  EXPECT_EQ(segments({{0, 1300}}, 64, 700), 2);
  EXPECT_EQ(segments(span(0, 1000, 1008), 64), 2);
  EXPECT_EQ(segments(span(0, 1000, 1009), 64), 1);
}

TEST(DenseAttention, SameBits) {
  for (const int64_t head_dim : {8, 64, 80}) {
    for (const auto& [seq, keys] :
         {std::pair<int64_t, int64_t>{0, 0}, {1, 1}, {33, 33}, {7, 70}, {66, 66}}) {
      for (const int mode : {0, 1, 2, 3}) {
        const int64_t kv_heads = 2;
        const int64_t heads = 4;
        const auto count = [&](int64_t n) { return static_cast<size_t>(2 * n + 1); };
        const auto q = random_floats(count(seq * heads * head_dim), 1);
        const auto k = random_floats(count(keys * kv_heads * head_dim), 2);
        const auto v = random_floats(count(keys * kv_heads * head_dim), 3);
        auto mask = random_floats(static_cast<size_t>(seq * keys + 1), 4);
        for (size_t i = 0; i < mask.size(); i += 3) {
          mask[i] = -std::numeric_limits<float>::infinity();
        }
        const auto sinks = random_floats(static_cast<size_t>(heads), 5);
        expect_same<float>(
            KernelId::k_dense_attention, count(seq * heads * head_dim),
            [&](float* out) {
              return DenseAttentionParams{.q = q.data(),
                                          .k = k.data(),
                                          .v = v.data(),
                                          .mask = mode == 1 ? mask.data() : nullptr,
                                          .sinks = mode == 2 ? sinks.data() : nullptr,
                                          .batch = {.fixed = 2},
                                          .seq = {.fixed = seq},
                                          .keys = {.fixed = keys},
                                          .heads = heads,
                                          .kv_heads = kv_heads,
                                          .head_dim = head_dim,
                                          .value_dim = head_dim,
                                          .scale = 0.125f,
                                          .window = mode == 3 ? 9 : 0,
                                          .softcap = mode == 2 ? 3.0f : 0.0f,
                                          .causal = mode >= 2,
                                          .out = out};
            },
            text(head_dim, seq, keys, mode));
      }
    }
  }
}

}  // namespace
}  // namespace pio::kernels
