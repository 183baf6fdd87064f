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
  expect_broken(linear(rows, parameter({32, 64}), {1, 2, 32}), "quantized rows for a float weight");
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

TEST(Verify, LeavesHaveTheirSource) {
  expect_broken(ops::make(tensor::kParameter, {}, {}, {4}), "no slot");
  expect_broken(ops::make(tensor::kInput, {x()}, {{"name", "ids"}}, {4}, DType::kI32),
                "leaf with inputs");
}

}  // namespace
}  // namespace pio::plan
