// SPDX-License-Identifier: Apache-2.0
#include "pio/plan/verify.h"

#include <gtest/gtest.h>

#include "pio/base/error.h"
#include "pio/plan/graph_test_support.h"

namespace pio::plan {
namespace {

using quant::QuantType;
using tensor::Tensor;

Tensor parameter(const Shape& shape, QuantType type = QuantType::kF32) {
  auto slot = std::make_shared<tensor::Slot>();
  slot->name = "p";
  slot->shape = shape;
  slot->packed_type = type;
  return tensor::parameter(std::move(slot));
}

const NodePtr& x() {
  static const Tensor value = ops::silu(Tensor::full({1, 2, 64}, 1.0f));
  return value.node();
}

NodePtr linear(NodePtr input, const Tensor& weight, Shape shape, int64_t bias = 0) {
  return ops::make(ops::kLinear, {std::move(input), weight.node()},
                   {{"bias", bias}, {"residual", int64_t{0}}, {"epilogue", int64_t{0}}},
                   std::move(shape));
}

NodePtr rows_of_ids() { return Tensor(std::vector<int32_t>{1, 2}, {1, 2}).node(); }

void expect_broken(const NodePtr& node, const std::string& what) {
  try {
    verify({.outputs = {{"out", node}}}, "some_pass");
    ADD_FAILURE() << "accepted: " << what;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInternal);
    const std::string message = error.what();
    EXPECT_NE(message.find("[verify] after some_pass: " + std::string(node->op().name)),
              std::string::npos)
        << message;
    EXPECT_NE(message.find(what), std::string::npos) << message;
  }
}

TEST(Verify, TracedGraphsAreSound) {
  for (const QuantType type : {QuantType::kF32, QuantType::kQ4_0}) {
    TinyGraph model(type);
    EXPECT_NO_THROW(verify(trace(model.traced(), {.rows = 8, .taps = false}), "trace"));
  }
  EXPECT_NO_THROW(
      verify({.outputs = {{"out", linear(x(), parameter({32, 64}), {1, 2, 32})}}}, "test"));
}

TEST(Verify, BrokenLinears) {
  expect_broken(linear(x(), parameter({32, 65}), {1, 2, 32}), "other columns");
  expect_broken(linear(x(), parameter({33, 64}), {1, 2, 32}), "other rows");
  expect_broken(linear(x(), parameter({32, 64}), {1, 2, 32}, 1), "wrong number of inputs");
  const NodePtr rows = ops::make(ops::kQuantRows, {x()}, {}, x()->shape(), DType::kQ8Rows);
  EXPECT_NO_THROW(verify(
      {.outputs = {{"out", linear(rows, parameter({32, 64}, QuantType::kQ8_0), {1, 2, 32})}}},
      "t"));
  expect_broken(ops::make(ops::kSilu, {rows}, {}, x()->shape()), "reads quantized rows");
}

TEST(Verify, BrokenViewsAndElements) {
  expect_broken(ops::make(tensor::kReshape, {x()}, {}, {1, 2, 63}), "another size");
  expect_broken(
      ops::make(tensor::kSlice, {x()}, {{"begin", int64_t{60}}, {"end", int64_t{65}}}, {1, 2, 5}),
      "ends behind");
  expect_broken(ops::make(ops::kAdd, {x()}, {}, x()->shape()), "odd inputs");
  expect_broken(ops::make(ops::kMul, {x(), x()}, {}, {1, 2, 32}), "odd inputs");
  expect_broken(ops::make(ops::kGatherRows, {x(), x()}, {}, {1, 1, 64}), "not i32");
}

void expect_not_lowerable(const NodePtr& node, const std::string& what) {
  try {
    verify_lowerable({.outputs = {{"out", node}}});
    ADD_FAILURE() << "accepted: " << what;
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find(what), std::string::npos) << error.what();
  }
}

TEST(Verify, WhatLoweringsRelyOn) {
  const NodePtr rows = ops::make(ops::kQuantRows, {x()}, {}, x()->shape(), DType::kQ8Rows);
  const auto quantized = parameter({32, 64}, QuantType::kQ8_0);
  EXPECT_NO_THROW(verify_lowerable({.outputs = {{"out", linear(rows, quantized, {1, 2, 32})}}}));
  expect_not_lowerable(linear(x(), quantized, {1, 2, 32}), "another kind than its weight's format");
  const NodePtr halves = ops::make(ops::kQuantRows, {x()}, {}, x()->shape(), DType::kBF16Rows);
  const auto bf16 = parameter({32, 64}, QuantType::kBF16);
  EXPECT_NO_THROW(verify_lowerable({.outputs = {{"out", linear(halves, bf16, {1, 2, 32})}}}));
  for (const NodePtr& other : {x(), rows}) {
    expect_not_lowerable(linear(other, bf16, {1, 2, 32}), "another kind than its weight's format");
  }
  expect_not_lowerable(linear(halves, quantized, {1, 2, 32}), "another kind than its weight's format");
  expect_not_lowerable(linear(rows, parameter({32, 64}), {1, 2, 32}), "another kind than its weight's format");
  expect_not_lowerable(linear(rows, parameter({32, 64}, QuantType::kQ4_K), {1, 2, 32}), "not whole blocks");
  const Tensor sum = Tensor::ones({32, 64}) + Tensor::ones({32, 64});
  expect_not_lowerable(linear(x(), sum, {1, 2, 32}), "weight that is computed");
}

TEST(Verify, BrokenNormsRotationsAndCaches) {
  const NodePtr k = Tensor::ones({1, 2, 2, 8}).node();
  const NodePtr table = Tensor::ones({1, 2, 8}).node();
  const NodePtr other = Tensor::ones({1, 3, 8}).node();
  expect_broken(ops::make(ops::kRmsNorm, {x(), Tensor::ones({63}).node()}, {}, x()->shape()), "another width");
  expect_broken(ops::make(ops::kEmbedding, {x(), parameter({9, 64}).node()}, {}, {1, 2, 64, 64}), "not i32");
  EXPECT_NO_THROW(verify({.outputs = {{"out", ops::make(ops::kRope, {k, table}, {}, k->shape())}}}, "t"));
  expect_broken(ops::make(ops::kRope, {k, other}, {}, k->shape()), "table of other rows");
  expect_broken(ops::make(ops::kRope, {k, Tensor::ones({1, 2, 10}).node()}, {}, k->shape()), "more dims");
  expect_broken(ops::make(ops::kKvWrite, {k, Tensor::ones({1, 2, 3, 8}).node()}, {}, {1, 2, 0}), "other rows or heads");
  expect_broken(ops::make(ops::kAttention, {k, k}, {}, k->shape()), "reads no written state");
  expect_broken(ops::make(ops::kSample, {rows_of_ids()}, {}, {1, 2}, DType::kI32), "logits that are not f32");
}

TEST(Verify, LeavesHaveTheirSource) {
  expect_broken(ops::make(tensor::kParameter, {}, {}, {4}), "no slot");
  expect_broken(ops::make(tensor::kInput, {x()}, {{"name", "ids"}}, {4}, DType::kI32),
                "leaf with inputs");
}

}  // namespace
}  // namespace pio::plan
