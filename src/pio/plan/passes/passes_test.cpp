// SPDX-License-Identifier: Apache-2.0
// Each pass against the unfused graph: the ops that it makes and removes, and the bits of the
// result.
#include "pio/plan/passes/passes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "pio/base/error.h"
#include "pio/plan/graph_test_support.h"
#include "pio/plan/passes/list.h"

namespace pio::plan {
namespace {

using quant::QuantType;

std::set<std::string> all_but(const std::vector<std::string>& kept) {
  std::set<std::string> out = parse_disabled("all");
  for (const std::string& name : kept) {
    EXPECT_EQ(out.erase(name), 1u) << name;
  }
  return out;
}

Graph graph_with(TinyGraph& model, const std::vector<std::string>& kept) {
  return run_passes(trace(model.traced(), {.rows = 8}), all_but(kept));
}

int64_t count(const Graph& graph, const std::function<bool(const Node&)>& holds) {
  const auto nodes = topological(graph);
  return std::ranges::count_if(nodes, [&](const NodePtr& node) { return holds(*node); });
}

int64_t count(const Graph& graph, const ops::OpDef& op) {
  return count(graph, [&](const Node& node) { return node.is(op); });
}

int64_t count_epilogue(const Graph& graph, kernels::Epilogue epilogue) {
  return count(graph, [&](const Node& node) {
    return node.is(ops::kLinear) &&
           node.attrs().get_int("epilogue") == static_cast<int64_t>(epilogue);
  });
}

// A pass, and those without which it finds nothing.
std::vector<std::string> with_what_it_needs(const std::string& name) {
  if (name == "rope_kv") {
    return {"merge_equal", name};
  }
  if (name == "swiglu") {
    return {"silu_mul", name};
  }
  if (name == "swiglu_quant") {
    return {"silu_mul", "swiglu", name};
  }
  return {name};
}

// Whether the last of `passes` changes the graph that the others leave.
bool fires(TinyGraph& model, std::vector<std::string> passes) {
  const auto text = [&] {
    return to_text(run_passes(trace(model.traced(), {.rows = 8}), all_but(passes)));
  };
  const std::string with = text();
  passes.pop_back();
  return with != text();
}

// Every pass that can be left out: alone (with the passes that it builds on), and missing from the
// full list.
TEST(Passes, EachGivesTheBitsOfTheUnfusedGraph) {
  for (const QuantType type : {QuantType::kF32, QuantType::kBF16, QuantType::kQ8_0}) {
    TinyGraph model(type);
    const std::vector<float> expected = run_tiny(model, all_but({}));
    ASSERT_TRUE(std::ranges::all_of(expected, [](float x) { return std::isfinite(x); }));
    ASSERT_GT(*std::ranges::max_element(expected), 0.1f);
    const auto expect_same = [&](const std::set<std::string>& disabled, const std::string& what) {
      const std::vector<float> got = run_tiny(model, disabled);
      ASSERT_EQ(got.size(), expected.size());
      EXPECT_EQ(std::memcmp(got.data(), expected.data(), got.size() * sizeof(float)), 0) << what;
    };
    expect_same({}, "all passes");
    for (const Pass& pass : passes()) {
      if (!pass.required) {
        const std::string name(pass.name);
        const std::vector<std::string> kept = with_what_it_needs(name);
        expect_same(all_but(kept), name + " alone");
        const bool applies = type != QuantType::kF32 || !name.ends_with("_quant");
        EXPECT_EQ(fires(model, kept), applies) << name << " alone";
        expect_same({name}, "without " + name);
      }
    }
  }
}

TEST(Passes, RequiredOnesRunWithoutBeingAsked) {
  TinyGraph model(QuantType::kQ8_0);
  const Graph traced = trace(model.traced(), {.rows = 8});
  EXPECT_EQ(count(traced, ops::kSdpa), 2);
  const Graph bound = graph_with(model, {});
  EXPECT_EQ(count(bound, ops::kSdpa), 0);
  EXPECT_EQ(count(bound, ops::kAttention), 2);
  EXPECT_EQ(count(bound, ops::kKvWrite), 2);
  EXPECT_EQ(count(bound, ops::kRope), 4);
  EXPECT_EQ(count(bound, ops::kLinear), 15);
  // One for the inputs of q, k, v; of o; of gate and up; of down; and of the head.
  EXPECT_EQ(count(bound, ops::kQuantRows), 9);
  TinyGraph floats(QuantType::kF32);
  EXPECT_EQ(count(graph_with(floats, {}), ops::kQuantRows), 0);
}

TEST(Passes, MergeEqualLeavesOneTable) {
  TinyGraph model(QuantType::kQ8_0);
  EXPECT_EQ(count(graph_with(model, {}), ops::kRopeTable), 4);
  EXPECT_EQ(count(graph_with(model, {"merge_equal"}), ops::kRopeTable), 1);
}

TEST(Passes, WantedRowsMovesTheGatherBeforeTheLastLayersTail) {
  TinyGraph model(QuantType::kQ8_0);
  const auto on_wanted = [](const Node& node) {
    return node.is(ops::kLinear) && node.shape()[1].is_named() &&
           node.shape()[1].name() == DimName::kWanted;
  };
  EXPECT_EQ(count(graph_with(model, {}), on_wanted), 0);
  // The last layer's o, gate, up and down, and the head.
  EXPECT_EQ(count(graph_with(model, {"wanted_rows"}), on_wanted), 5);
}

TEST(Passes, RopeKvReplacesTwoRotationsAndTheWrite) {
  TinyGraph model(QuantType::kQ8_0);
  const Graph graph = graph_with(model, {"merge_equal", "rope_kv"});
  EXPECT_EQ(count(graph, ops::kRopeKv), 2);
  EXPECT_EQ(count(graph, ops::kRope), 0);
  EXPECT_EQ(count(graph, ops::kKvWrite), 0);
}

TEST(Passes, RopeKvTakesTheNormsOfHeads) {
  TinyGraph model(QuantType::kQ8_0, true);
  EXPECT_EQ(count(graph_with(model, {"merge_equal"}), ops::kRmsNorm), 9);
  const Graph graph = graph_with(model, {"merge_equal", "rope_kv"});
  EXPECT_EQ(count(graph, ops::kRmsNorm), 5);
  EXPECT_EQ(count(graph,
                  [](const Node& node) { return node.is(ops::kRopeKv) && node.inputs().size() == 6; }),
            2);
  const std::vector<float> expected = run_tiny(model, all_but({}));
  TinyGraph plain(QuantType::kQ8_0);
  EXPECT_NE(expected, run_tiny(plain, all_but({})));
  for (const auto& disabled : {std::set<std::string>{}, all_but({"merge_equal", "rope_kv"})}) {
    const std::vector<float> got = run_tiny(model, disabled);
    ASSERT_EQ(got.size(), expected.size());
    EXPECT_EQ(std::memcmp(got.data(), expected.data(), got.size() * sizeof(float)), 0);
  }
}

TEST(Passes, SwiGluBecomesOneLinear) {
  TinyGraph model(QuantType::kQ8_0);
  const Graph activation = graph_with(model, {"silu_mul"});
  EXPECT_EQ(count(activation, ops::kSiluMul), 2);
  EXPECT_EQ(count(activation, ops::kSilu) + count(activation, ops::kMul), 0);
  const Graph fused = graph_with(model, {"silu_mul", "swiglu"});
  EXPECT_EQ(count(fused, ops::kSiluMul), 0);
  EXPECT_EQ(count(fused, ops::kLinear), 13);
  EXPECT_EQ(count_epilogue(fused, kernels::Epilogue::kSwiGlu), 2);
  const Graph quantized = graph_with(model, {"silu_mul", "swiglu", "swiglu_quant"});
  EXPECT_EQ(count_epilogue(quantized, kernels::Epilogue::kSwiGluQuant), 2);
  EXPECT_EQ(count(quantized, ops::kQuantRows), 7);
}

TEST(Passes, StackMatmulsLeavesOneForThoseThatShareAnInput) {
  TinyGraph model(QuantType::kQ8_0);
  const Graph graph = graph_with(model, {"stack_matmuls"});
  EXPECT_EQ(count(graph, ops::kLinear), 9);
  EXPECT_EQ(count(graph, ops::kStack), 4);
  EXPECT_EQ(count(graph, tensor::kSlice), 10);
}

TEST(Passes, ResidualTakesTheAdditions) {
  TinyGraph model(QuantType::kQ8_0);
  EXPECT_EQ(count(graph_with(model, {}), ops::kAdd), 4);
  const Graph graph = graph_with(model, {"residual"});
  EXPECT_EQ(count(graph, ops::kAdd), 0);
  EXPECT_EQ(count(graph,
                  [](const Node& node) {
                    return node.is(ops::kLinear) && node.attrs().get_int("residual") == 1;
                  }),
            4);
}

TEST(Passes, NormQuantReplacesBoth) {
  TinyGraph model(QuantType::kQ8_0);
  EXPECT_EQ(count(graph_with(model, {}), ops::kRmsNorm), 5);
  const Graph graph = graph_with(model, {"norm_quant"});
  EXPECT_EQ(count(graph, ops::kRmsNorm), 0);
  EXPECT_EQ(count(graph, ops::kRmsNormQuant), 5);
  EXPECT_EQ(count(graph, ops::kQuantRows), 4);
}

// The fused step works in whole blocks of 32; rows of bf16 alone may have another width.
TEST(Passes, NormQuantLeavesOtherWidths) {
  for (const int64_t width : {40, 64}) {
    const NodePtr x = tensor::Tensor::ones({2, width}).node();
    const NodePtr norm = ops::make(ops::kRmsNorm, {x}, {{"eps", 1e-6}}, x->shape());
    const NodePtr rows = ops::make(ops::kQuantRows, {norm}, {}, x->shape(), DType::kBF16Rows);
    const Graph graph = norm_quant({.outputs = {{"out", rows}}});
    EXPECT_EQ(count(graph, ops::kRmsNormQuant), width == 64 ? 1 : 0) << width;
    EXPECT_EQ(graph.outputs[0].node->dtype(), DType::kBF16Rows);
  }
}

TEST(Passes, DisabledNamesAreParsed) {
  EXPECT_TRUE(parse_disabled("").empty());
  EXPECT_EQ(parse_disabled("residual,rope_kv"), (std::set<std::string>{"residual", "rope_kv"}));
  const std::set<std::string> all = parse_disabled("all");
  EXPECT_EQ(all.size(), 9u);
  EXPECT_FALSE(all.contains("bind_states"));
  for (const char* bad : {"nonsense", ",residual", "residual,", ",", "bind_states", "quantize_activations", " all"}) {
    try {
      static_cast<void>(parse_disabled(bad));
      ADD_FAILURE() << "\"" << bad << "\" was accepted";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
      EXPECT_NE(std::string(error.what()).find("expected all, merge_equal"), std::string::npos)
          << error.what();
    }
  }
}

TEST(Passes, EachIsTimed) {
  TinyGraph model(QuantType::kQ8_0);
  std::vector<PassTiming> timings;
  static_cast<void>(run_passes(trace(model.traced(), {.rows = 8}), {"residual"}, &timings));
  ASSERT_EQ(timings.size(), passes().size() - 1);
  for (const PassTiming& timing : timings) {
    EXPECT_NE(timing.name, "residual");
    EXPECT_GE(timing.milliseconds, 0.0);
  }
}

}  // namespace
}  // namespace pio::plan
