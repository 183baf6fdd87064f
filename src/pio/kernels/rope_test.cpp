// SPDX-License-Identifier: Apache-2.0
// rope, kv_write and rope_kv: each version against the reference.
#include <numbers>

#include "pio/kernels/kv_test_support.h"

namespace pio::kernels {
namespace {

using namespace testing_support;  // NOLINT(google-build-using-namespace): a test

struct RopeCase {
  int64_t heads, head_dim, half;
  bool interleaved;
  bool normed = false;
};

std::vector<RopeCase> rope_cases() {
  std::vector<RopeCase> out;
  for (const bool interleaved : {false, true}) {
    for (const int64_t head_dim : {8, 16, 32, 64, 80, 96, 128}) {
      out.push_back({3, head_dim, head_dim / 2, interleaved});
      out.push_back({1, head_dim, head_dim / 4, interleaved});  // only part of a head turns
      out.push_back({2, head_dim + 1, 3, interleaved});
    }
  }
  for (size_t i = 0, count = out.size(); i < count; ++i) {
    out.push_back(out[i]);
    out.back().normed = true;
  }
  return out;
}

const float* norm_weights() {
  static const auto weights = random_floats(kMaxHeadDim, 7);
  return weights.data();
}

RopeParams rope_params(const RopeCase& c, const float* x, const float* table, int64_t rows,
                       float* out) {
  return {.x = x,
          .x_stride = c.heads * c.head_dim + 3,
          .norm = c.normed ? norm_weights() : nullptr,
          .eps = 1e-6f,
          .table = table,
          .rows = {.fixed = rows},
          .heads = c.heads,
          .head_dim = c.head_dim,
          .half = c.half,
          .interleaved = c.interleaved,
          .out = out,
          .out_stride = c.heads * c.head_dim + 5};
}

TEST(Rope, SameBits) {
  for (const RopeCase& c : rope_cases()) {
    for (const int64_t rows : {0, 1, 4}) {
      const auto x = random_floats(static_cast<size_t>(rows * (c.heads * c.head_dim + 3) + 1), 1);
      const auto table = random_floats(static_cast<size_t>(rows * 2 * c.half + 1), 2);
      expect_same<float>(
          KernelId::k_rope, static_cast<size_t>(rows * (c.heads * c.head_dim + 5)),
          [&](float* out) { return rope_params(c, x.data(), table.data(), rows, out); },
          text(c.heads, c.head_dim, c.half, c.interleaved, rows));
    }
  }
}

TEST(Rope, InPlace) {
  for (const RopeCase& c : rope_cases()) {
    const int64_t rows = 3;
    const int64_t stride = c.heads * c.head_dim + 5;
    const auto x = random_floats(static_cast<size_t>(rows * stride), 1);
    const auto table = random_floats(static_cast<size_t>(rows * 2 * c.half), 2);
    expect_same<float>(
        KernelId::k_rope, x.size(),
        [&](float* out) {
          RopeParams p = rope_params(c, out, table.data(), rows, out);
          p.x_stride = stride;
          return p;
        },
        text(c.heads, c.head_dim, c.half, c.interleaved), x);
  }
}

// A norm before the rotation is rms_norm over each head.
TEST(Rope, NormedAsByRmsNorm) {
  for (const RopeCase& c : rope_cases()) {
    if (!c.normed) {
      continue;
    }
    const int64_t rows = 3;
    const int64_t stride = c.heads * c.head_dim;
    const auto x = random_floats(static_cast<size_t>(rows * stride), 1);
    const auto table = random_floats(static_cast<size_t>(rows * 2 * c.half), 2);
    std::vector<float> normed(x.size());
    const RmsNormParams norm{.x = x.data(),
                             .x_stride = c.head_dim,
                             .weight = norm_weights(),
                             .eps = 1e-6f,
                             .rows = {.fixed = rows * c.heads},
                             .dim = c.head_dim,
                             .out = normed.data(),
                             .out_stride = c.head_dim};
    run_split(kernel(KernelId::k_rms_norm, Isa::kReference), &norm, 0);
    std::vector<float> expected(static_cast<size_t>(rows * (stride + 5)));
    RopeParams p = rope_params(c, normed.data(), table.data(), rows, expected.data());
    p.x_stride = stride;
    p.norm = nullptr;
    run_split(kernel(KernelId::k_rope, Isa::kReference), &p, 0);
    std::vector<float> got(expected.size());
    p = rope_params(c, x.data(), table.data(), rows, got.data());
    p.x_stride = stride;
    run_split(kernel(KernelId::k_rope, Isa::kReference), &p, 0);
    EXPECT_EQ(std::memcmp(got.data(), expected.data(), got.size() * sizeof(float)), 0)
        << text(c.heads, c.head_dim, c.half, c.interleaved);
  }
}

// A rotation keeps the length of every pair and turns it by the row's angle.
TEST(RopeTable, TurnsByTheAngle) {
  const int32_t positions[] = {0, 1, 1000};
  const float inv_freq[] = {1.0f, 0.25f};
  std::vector<float> table(3 * 4);
  const RopeTableParams table_params{.positions = positions,
                                     .inv_freq = inv_freq,
                                     .rows = {.fixed = 3},
                                     .half = 2,
                                     .factor = 1.0f,
                                     .out = table.data()};
  run_split(kernel(KernelId::k_rope_table, Isa::kReference), &table_params, 0);
  const std::vector<float> x = {1, 2, 0, 0, 1, 2, 0, 0, 1, 2, 0, 0};
  std::vector<float> out(12);
  const RopeParams p{.x = x.data(),
                     .x_stride = 4,
                     .norm = nullptr,
                     .eps = 0.0f,
                     .table = table.data(),
                     .rows = {.fixed = 3},
                     .heads = 1,
                     .head_dim = 4,
                     .half = 2,
                     .interleaved = false,
                     .out = out.data(),
                     .out_stride = 4};
  run_split(kernel(KernelId::k_rope, Isa::kReference), &p, 0);
  for (size_t r = 0; r < 3; ++r) {
    for (size_t i = 0; i < 2; ++i) {
      const double angle = positions[r] * static_cast<double>(inv_freq[i]);
      const double length = static_cast<double>(x[i]);
      EXPECT_NEAR(out[4 * r + i], length * std::cos(angle), 1e-6);
      EXPECT_NEAR(out[4 * r + 2 + i], length * std::sin(angle), 1e-6);
    }
  }
}

const BatchRows kBatch = {{0, 0}, {0, 1}, {1, 15}, {2, 16}, {1, 17}, {3, 63}, {3, 64}, {3, 65}};

struct KvCase {
  CacheShape shape;
  RopeCase rope;
};

std::vector<KvCase> kv_cases() {
  std::vector<KvCase> out;
  for (const KvType type : {KvType::kF16, KvType::kF32, KvType::kQ8}) {
    for (const int64_t head_dim : {8, 16, 32, 64, 80, 96, 128}) {
      for (const int64_t kv_heads : {1, 3}) {
        out.push_back(
            {{type, kv_heads, head_dim, head_dim}, {2 * kv_heads, head_dim, head_dim / 2, false}});
        out.push_back(
            {{type, kv_heads, head_dim, head_dim + 5}, {kv_heads, head_dim, head_dim / 4, true}});
        out.push_back({{type, kv_heads, head_dim, head_dim},
                       {2 * kv_heads, head_dim, head_dim / 2, false, true}});
      }
    }
  }
  return out;
}

std::vector<uint16_t> as_words(const std::vector<std::byte>& bytes) {
  std::vector<uint16_t> out(bytes.size() / 2);
  std::memcpy(out.data(), bytes.data(), bytes.size());
  return out;
}

// Large, tiny and infinite values try the roundings to f16.
std::vector<float> hard_floats(size_t count, uint32_t seed) {
  auto x = random_floats(count, seed);
  for (size_t i = 0; i < count; i += 7) {
    x[i] *= i % 3 == 0 ? 1e5f : 1e-6f;
  }
  return x;
}

TEST(KvWrite, SameBits) {
  for (const KvCase& c : kv_cases()) {
    Cache cache(c.shape, kBatch);
    const int64_t k_stride = c.shape.kv_heads * c.shape.head_dim + 1;
    const int64_t v_stride = c.shape.kv_heads * c.shape.value_dim + 2;
    const auto k = hard_floats(kBatch.size() * static_cast<size_t>(k_stride), 3);
    const auto v = hard_floats(kBatch.size() * static_cast<size_t>(v_stride), 4);
    const auto pages = as_words(cache.bytes());
    expect_same<uint16_t>(
        KernelId::k_kv_write, pages.size(),
        [&](uint16_t* out) {
          return KvWriteParams{.k = k.data(),
                               .k_stride = k_stride,
                               .v = v.data(),
                               .v_stride = v_stride,
                               .rows = {.fixed = static_cast<int64_t>(kBatch.size())},
                               .kv = cache.view(reinterpret_cast<std::byte*>(out))};
        },
        text(static_cast<int>(c.shape.type), c.shape.kv_heads, c.shape.head_dim, c.shape.value_dim),
        pages);
  }
}

// What the layout says, byte for byte: 40 dims make a whole block and a part of one.
TEST(KvWrite, EightBitLayout) {
  constexpr int64_t kDim = 40;
  const CacheShape shape{KvType::kQ8, 2, kDim, kDim};
  Cache cache(shape, {{0, 5}});
  std::vector<float> k(2 * kDim);
  std::vector<float> v(2 * kDim);
  for (size_t i = 0; i < k.size(); ++i) {
    k[i] = static_cast<float>(i) - 60.0f;
    v[i] = i % 2 == 0 ? 0.0f : 254.0f;
  }
  const KvWriteParams p{.k = k.data(),
                        .k_stride = 2 * kDim,
                        .v = v.data(),
                        .v_stride = 2 * kDim,
                        .rows = {.fixed = 1},
                        .kv = cache.view()};
  run_split(kernel(KernelId::k_kv_write, Isa::kReference), &p, 0);
  const int64_t head_bytes = 16 * (kDim + kDim + 2 * 4 + 2 * 4);
  EXPECT_EQ(kv_page_bytes(KvType::kQ8, 2, kDim, kDim), 2 * head_bytes);
  for (int64_t head = 0; head < 2; ++head) {
    const std::byte* part = cache.bytes().data() + head * head_bytes;
    const auto* key_scales = reinterpret_cast<const float*>(part + 32 * kDim);
    const auto* value_scales = key_scales + 2 * 16;
    const float* key = k.data() + head * kDim;
    EXPECT_EQ(key_scales[5], std::max(std::abs(key[0]), std::abs(key[31])) / 127.0f);
    EXPECT_EQ(key_scales[16 + 5], std::max(std::abs(key[32]), std::abs(key[39])) / 127.0f);
    EXPECT_EQ(value_scales[2 * 5], 2.0f);
    for (int64_t i = 0; i < kDim; ++i) {
      const float scale = key_scales[i / 32 * 16 + 5];
      EXPECT_NEAR(static_cast<float>(static_cast<int8_t>(part[i * 16 + 5])) * scale, key[i], scale / 2);
      EXPECT_EQ(static_cast<int>(part[16 * kDim + 5 * kDim + i]), i % 2 == 0 ? 0 : 127);
    }
  }
}

RopeKvParams rope_kv_params(const KvCase& c, const KvView& kv, const float* q, const float* k,
                            const float* v, const float* table, float* q_out) {
  const auto rows = static_cast<int64_t>(kBatch.size());
  RopeCase k_case = c.rope;
  k_case.heads = c.shape.kv_heads;
  RopeKvParams out = {.q = rope_params(c.rope, q, table, rows, q_out),
                      .k = rope_params(k_case, k, table, rows, nullptr),
                      .v = v,
                      .v_stride = c.shape.kv_heads * c.shape.value_dim,
                      .kv = kv};
  out.k.norm = c.rope.normed ? norm_weights() + c.rope.head_dim : nullptr;  // not those of q
  return out;
}

TEST(RopeKv, SameBitsInCacheAndQueries) {
  for (const KvCase& c : kv_cases()) {
    Cache cache(c.shape, kBatch);
    const auto rows = kBatch.size();
    const auto q = random_floats(rows * static_cast<size_t>(c.rope.heads * c.rope.head_dim + 3), 3);
    const auto k =
        random_floats(rows * static_cast<size_t>(c.shape.kv_heads * c.rope.head_dim + 3), 4);
    const auto v =
        random_floats(rows * static_cast<size_t>(c.shape.kv_heads * c.shape.value_dim), 5);
    const auto table = random_floats(rows * static_cast<size_t>(2 * c.rope.half), 6);
    const auto q_size = rows * static_cast<size_t>(c.rope.heads * c.rope.head_dim + 5);
    const auto what = text(c.shape.head_dim, c.rope.half, c.rope.interleaved);
    const auto pages = as_words(cache.bytes());
    std::vector<float> q_out(q_size);
    expect_same<uint16_t>(
        KernelId::k_rope_kv, pages.size(),
        [&](uint16_t* out) {
          return rope_kv_params(c, cache.view(reinterpret_cast<std::byte*>(out)), q.data(),
                                k.data(), v.data(), table.data(), q_out.data());
        },
        what, pages);
    expect_same<float>(
        KernelId::k_rope_kv, q_size,
        [&](float* out) {
          return rope_kv_params(c, cache.view(), q.data(), k.data(), v.data(), table.data(), out);
        },
        what);
  }
}

}  // namespace
}  // namespace pio::kernels
