// SPDX-License-Identifier: Apache-2.0
// Every op that takes rows of a step gives, in a traced plan, the bits that it gives eagerly.
#include <gtest/gtest.h>

#include "pio/plan/eval.h"
#include "pio/plan/graph_test_support.h"

namespace pio::plan {
namespace {

using ops::scalar;
using tensor::Tensor;

constexpr int64_t kVocab = TinyGraph::kVocab;
constexpr int64_t kDim = 24;

Tensor values(const Shape& shape, float scale) {
  std::vector<float> out(static_cast<size_t>(shape.elements()));
  for (size_t i = 0; i < out.size(); ++i) {
    out[i] = scale * static_cast<float>(static_cast<int>(i * 37 % 101) - 50);
  }
  return Tensor(out, shape);
}

// forward: ids [1, rows] to [1, rows, any]. run_steps wants rows 5, 6 and 7 of ids 31 i mod vocab.
void expect_same_forward(const std::string& what, const Forward& forward) {
  std::vector<int32_t> ids;
  for (int32_t i = 0; i < 8; ++i) {
    ids.push_back(i * 31 % static_cast<int32_t>(kVocab));
  }
  const std::vector<float> all = to_list(forward(Tensor(ids, {1, 8})));
  const std::vector<float> expected(all.begin() + 5 * static_cast<std::ptrdiff_t>(all.size() / 8), all.end());
  for (const char* disabled : {"", "all"}) {
    const PlanCache cache(forward, {.capacities = {1, 8}, .disabled_passes = parse_disabled(disabled)});
    const auto device = std::make_shared<kernels::CpuDevice>(std::make_shared<ThreadPool>(2, false), kernels::default_isa());
    EXPECT_EQ(run_steps(cache, device), expected) << what << (*disabled != 0 ? ", no passes" : "");
  }
}

// body: x [1, rows, kDim] to [1, rows, any].
void expect_same(const std::string& what, const std::function<Tensor(const Tensor& x)>& body) {
  const Tensor embed = values({kVocab, kDim}, 0.03f);
  expect_same_forward(what, [&](const Tensor& ids) { return body(ops::embedding(ids, embed)); });
}

TEST(TracedOps, Elements) {
  expect_same("numbers", [](const Tensor& x) { return 2.0f - ops::exp(x * 0.5f) / (1.0f + x * x); });
  expect_same("vector", [](const Tensor& x) { return ops::maximum(values({kDim}, 0.02f), x); });
  expect_same("column", [](const Tensor& x) { return x / x.slice_last(3, 4); });
  expect_same("column of ones", [](const Tensor& x) { return x * (x.slice_last(0, 1) + 1.0f); });
  expect_same("heads", [](const Tensor& x) {
    const Tensor heads = x.reshape({1, x.dim(1), 4, 6});
    const Tensor gain = ops::sigmoid(x.slice_last(0, 6)).reshape({1, x.dim(1), 1, 6});
    return (heads * gain - values({4, 1}, 0.01f)).reshape(x.shape());
  });
  expect_same("where", [](const Tensor& x) {
    return ops::where(ops::gt(x, scalar(0)), ops::gelu(x), ops::neg(ops::softplus(x)));
  });
  expect_same("casts", [](const Tensor& x) { return ops::to(ops::to(x * 10.0f, DType::kI32), DType::kF32); });
  expect_same("rows alone", [](const Tensor& x) {
    const Tensor one = x.slice_last(2, 3).reshape({x.dim(1)});
    return (ops::tanh(one) + one).reshape({1, x.dim(1), 1});
  });
}

TEST(TracedOps, IdsOfTheStep) {
  const Tensor embed = values({kVocab, kDim}, 0.03f);
  const auto one = [](int32_t id) { return scalar(id, DType::kI32); };
  expect_same_forward("where", [&](const Tensor& ids) {
    const Tensor known = ops::where(ops::ge(ids, one(60)), one(1), ids);
    const Tensor gain = ops::eq(ids, one(25)).reshape({1, ids.dim(1), 1});
    return ops::embedding(known, embed) * (gain + 1.0f);
  });
  expect_same_forward("casts and copies", [&](const Tensor& ids) {
    const Tensor column = ids.reshape({1, ids.dim(1), 1});
    const Tensor pair = ops::concat({column, ops::expand(one(7), {1, ids.dim(1), 2})}, 2);
    return ops::to(ops::concat({pair, ops::slice(pair, 2, 0, 3, 2)}, -1), DType::kF32);
  });
}

TEST(TracedOps, Rearranging) {
  expect_same("slice", [](const Tensor& x) { return ops::slice(x, -1, 1, 20, 3); });
  expect_same("slice of heads", [](const Tensor& x) {
    return ops::slice(x.reshape({1, x.dim(1), 4, 6}), 2, 1, 3).reshape({1, x.dim(1), 12});
  });
  expect_same("permute", [](const Tensor& x) {
    return ops::transpose(x.reshape({1, x.dim(1), 4, 6}), 2, 3).reshape(x.shape());
  });
  expect_same("rows to the front", [](const Tensor& x) {
    return ops::permute(x.reshape({1, x.dim(1), 4, 6}), {1, 3, 0, 2}).reshape(x.shape());
  });
  expect_same("concat", [](const Tensor& x) {
    return ops::concat({-x.slice_last(12, 24), ops::expand(values({2}, 1.0f), {1, x.dim(1), 2}), x.slice_last(0, 12)}, -1);
  });
  expect_same("expand", [](const Tensor& x) {
    return ops::expand(x.reshape({1, x.dim(1), 1, kDim}), {1, x.dim(1), 3, kDim}).reshape({1, x.dim(1), 3 * kDim});
  });
}

TEST(TracedOps, AlongAnAxis) {
  const auto heads = [](const Tensor& x) { return x.reshape({1, x.dim(1), 4, 6}); };
  expect_same("softmax", [](const Tensor& x) { return ops::softmax(x); });
  expect_same("softmax of another axis", [=](const Tensor& x) { return ops::softmax(heads(x), 2).reshape(x.shape()); });
  expect_same("reductions", [](const Tensor& x) {
    return (x - ops::mean(x, -1, true)) / (ops::max(x, -1, true) - ops::min(x, -1, true));
  });
  expect_same("without the axis", [](const Tensor& x) {
    return (ops::sum(x, -1) * 2.0f).reshape({1, x.dim(1), 1});
  });
  expect_same("another axis", [=](const Tensor& x) { return ops::sum(heads(x), 2); });
  expect_same("in front of the rows", [](const Tensor& x) { return ops::sum(x, 0, true) + x; });
  expect_same("argmax", [](const Tensor& x) { return ops::to(ops::argmax(x, -1, true), DType::kF32); });
  expect_same("cumsum", [=](const Tensor& x) { return ops::cumsum(heads(x), 2).reshape(x.shape()) + ops::cumsum(x, -1); });
}

TEST(TracedOps, ProductsAndNorms) {
  expect_same("matmul", [](const Tensor& x) { return ops::matmul(x, values({kDim, 19}, 0.02f)); });
  expect_same("matmul of each row", [](const Tensor& x) {
    const Tensor heads = x.reshape({1, x.dim(1), 4, 6});
    return ops::matmul(heads, ops::transpose(heads, 2, 3)).reshape({1, x.dim(1), 16});
  });
  expect_same("matmul, one for all", [](const Tensor& x) {
    return ops::matmul(values({3, 6}, 0.02f), x.reshape({1, x.dim(1), 6, 4})).reshape({1, x.dim(1), 12});
  });
  expect_same("layer_norm", [](const Tensor& x) {
    return ops::layer_norm(x, values({kDim}, 0.02f) + 1.0f, values({kDim}, 0.01f));
  });
  expect_same("conv1d", [](const Tensor& x) {
    const Tensor y = ops::conv1d(x.reshape({x.dim(1), 4, 6}), values({5, 4, 3}, 0.01f), std::nullopt, 1, 1);
    return y.reshape({1, x.dim(1), 30});
  });
}

}  // namespace
}  // namespace pio::plan
