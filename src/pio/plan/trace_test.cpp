// SPDX-License-Identifier: Apache-2.0
// From model code to steps: what a trace refuses, and models whose graphs are out of the ordinary.
#include "pio/plan/trace.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "pio/base/error.h"
#include "pio/plan/eval.h"
#include "pio/plan/graph_test_support.h"

namespace pio::plan {
namespace {

using tensor::Tensor;

constexpr int64_t kVocab = TinyGraph::kVocab;
constexpr int64_t kHidden = 32;

Tensor weight(const Shape& shape, float scale) {
  std::vector<float> values(static_cast<size_t>(shape.elements()));
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = scale * static_cast<float>(static_cast<int>(i * 37 % 101) - 50);
  }
  return Tensor(values, shape);
}

std::vector<float> run(const Forward& forward, const std::set<std::string>& disabled = {}) {
  const PlanCache cache(forward, {.capacities = {1, 8}, .disabled_passes = disabled});
  return run_steps(cache, std::make_shared<kernels::CpuDevice>(std::make_shared<ThreadPool>(1, false),
                                                               kernels::default_isa()));
}

void expect_refused(const Forward& forward, const std::string& what) {
  try {
    static_cast<void>(trace(forward, {.rows = 8, .taps = true}));
    ADD_FAILURE() << "accepted: " << what;
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find(what), std::string::npos) << error.what();
  }
}

TEST(Trace, Refusals) {
  const Tensor embed = weight({kVocab, kHidden}, 0.01f);
  expect_refused([&](const Tensor& ids) { return ops::embedding(ids, embed).reshape({ids.dim(1), kHidden}); },
                 "[trace] forward gave [rows<=8, 32], expected [1, rows<=8, vocab]");
  expect_refused([&](const Tensor& ids) { return ops::linear(ops::embedding(ids, embed), embed); },
                 "[trace] hidden states need layers in a list of modules");
  expect_refused(
      [&](const Tensor& ids) {
        const Tensor x = ops::embedding(ids, embed);
        return x.dim(1) == 8 ? x : ops::silu(x);
      },
      "[trace] dim rows<=8 has no value while tracing");
  expect_refused(
      [&](const Tensor& ids) { return to_list(ops::embedding(ids, embed)).empty() ? ids : Tensor(embed); },
      "[trace] values of [1, rows<=8, 32] do not exist while tracing");
}

TEST(Trace, WeightsComputedFromConstantsAreFolded) {
  const Tensor embed = weight({kVocab, kHidden}, 0.01f);
  const Forward forward = [&](const Tensor& ids) {
    const Tensor x = ops::embedding(ids, embed);
    const Tensor gain = ops::embedding(Tensor(std::vector<int32_t>{1}, {1}), embed).reshape({kHidden});
    return ops::linear(ops::rms_norm(x, gain), embed);
  };
  const auto logits = run(forward);
  EXPECT_TRUE(std::ranges::any_of(logits, [](float x) { return x != 0.0f; }));
}

// One attention module called twice has a cache for each call: as if it were two modules.
TEST(Trace, ASharedModuleKeepsACachePerCall) {
  const Tensor embed = weight({kVocab, kHidden}, 0.01f);
  const Tensor projection = weight({kHidden, kHidden}, 0.004f);
  const auto model = [&](std::vector<std::string> paths) -> Forward {
    return [&, paths](const Tensor& ids) {
      Tensor x = ops::embedding(ids, embed);
      for (const std::string& path : paths) {
        tensor::CallScope scope(path);
        const auto heads = ops::linear(x, projection).reshape({x.dim(0), x.dim(1), 2, kHidden / 2});
        const auto y = ops::scaled_dot_product_attention(ops::rope(heads), heads, heads, {.is_causal = true});
        x = x + y.reshape(x.shape());
      }
      return ops::linear(x, embed);
    };
  };
  const auto expected = run(model({"first", "second"}));
  EXPECT_EQ(run(model({"shared", "shared"})), expected);
  EXPECT_NE(run(model({"shared"})), expected);
}

// Rotations behind the last attention: wanted rows take their part of the table.
TEST(Trace, RopeBehindTheLastAttention) {
  const Tensor embed = weight({kVocab, kHidden}, 0.01f);
  const Forward forward = [&](const Tensor& ids) {
    const Tensor x = ops::embedding(ids, embed);
    const Tensor turned = ops::rope(x.reshape({x.dim(0), x.dim(1), 2, kHidden / 2}));
    return ops::linear(turned.reshape(x.shape()), embed);
  };
  const auto expected = run(forward, parse_disabled("all"));
  EXPECT_EQ(run(forward), expected);
}

// A head padded to a round size and cut: the logits lie in rows that are wider than they are.
TEST(Trace, LogitsMayBeASlice) {
  const Tensor embed = weight({kVocab, kHidden}, 0.01f);
  const Tensor padded = weight({2 * kVocab, kHidden}, 0.01f);
  const auto with_head = [&](bool slice) -> Forward {
    return [&, slice](const Tensor& ids) {
      const Tensor x = ops::embedding(ids, embed);
      const auto all = to_list(padded);
      const auto begin = all.begin() + 16 * kHidden;
      return slice ? ops::linear(x, padded).slice_last(16, 16 + kVocab)
                   : ops::linear(x, Tensor(std::vector<float>(begin, begin + kVocab * kHidden), {kVocab, kHidden}));
    };
  };
  const auto expected = run(with_head(false));
  EXPECT_EQ(run(with_head(true)), expected);
  EXPECT_EQ(run(with_head(true), parse_disabled("all")), expected);
}

}  // namespace
}  // namespace pio::plan
