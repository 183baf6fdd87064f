// SPDX-License-Identifier: Apache-2.0
#include "pio/plan/trace.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "pio/base/error.h"
#include "pio/ops/ops.h"
#include "pio/tensor/scope.h"

namespace pio::plan {
namespace {

using tensor::ModuleCall;
using tensor::Tensor;

struct Layer {
  std::string parent;
  int64_t index;
};

// "model.layers.3" is layer 3 of "model.layers".
std::optional<Layer> layer_of(const std::string& path) {
  const size_t dot = path.rfind('.');
  const size_t begin = dot == std::string::npos ? 0 : dot + 1;
  int64_t index = 0;
  const char* end = path.data() + path.size();
  const auto result = std::from_chars(path.data() + begin, end, index);
  if (result.ec != std::errc() || result.ptr != end) {
    return std::nullopt;
  }
  return Layer{path.substr(0, begin), index};
}

// The calls of the longest run of layers, by index; among equals the outermost.
std::map<int64_t, const ModuleCall*> layer_calls(const std::vector<ModuleCall>& calls) {
  std::map<std::string, std::map<int64_t, const ModuleCall*>> runs;
  for (const ModuleCall& call : calls) {
    if (const auto layer = layer_of(call.path)) {
      runs[layer->parent][layer->index] = &call;
    }
  }
  std::map<int64_t, const ModuleCall*> best;
  size_t best_length = 0;
  for (auto& [parent, run] : runs) {
    const bool outer = run.size() == best.size() && parent.size() < best_length;
    if (run.size() > best.size() || outer) {
      best = run;
      best_length = parent.size();
    }
  }
  return best;
}

// What the head takes: the input of the last linear on the way to the logits.
NodePtr head_input(NodePtr node) {
  while (!node->is(ops::kLinear)) {
    PIO_CHECK(!node->inputs().empty(), "[trace] no linear head found on the way to the logits");
    node = node->input(0);
  }
  return node->input(0);
}

}  // namespace

Graph trace(const Forward& forward, const TraceOptions& options) {
  const Dim rows(DimName::kRows, options.rows);
  const Dim wanted(DimName::kWanted, options.rows);
  const auto input = [](std::string name, const Shape& shape) {
    return Tensor(ops::make(tensor::kInput, {}, {{"name", std::move(name)}}, shape, DType::kI32));
  };
  tensor::Recorder recorder;
  const Tensor logits = forward(input("ids", {1, rows}));
  PIO_CHECK(logits.shape().rank() == 3 && logits.dim(0) == Dim(1) && logits.dim(1) == rows,
            "[trace] forward gave ", logits.shape().to_string(), ", expected [1, ", rows.to_string(),
            ", vocab]");
  const Tensor index = input("wanted", {wanted});
  const Tensor picked = ops::gather_rows(logits, index);
  Graph graph;
  graph.outputs.push_back({"logits", picked.node()});
  graph.outputs.push_back(
      {"tokens", ops::make(ops::kSample, {picked.node()}, {}, {1, wanted}, DType::kI32)});
  if (options.taps) {
    const auto layers = layer_calls(recorder.calls());
    PIO_CHECK(!layers.empty() && layers.begin()->second->input != nullptr,
              "[trace] hidden states need layers in a list of modules (layers.0, layers.1 ...)");
    const auto tap = [&](const std::string& name, const NodePtr& node) {
      graph.outputs.push_back({"hidden." + name, ops::gather_rows(Tensor(node), index).node(), true});
    };
    tap("embed", layers.begin()->second->input);
    for (const auto& [i, call] : layers) {
      tap(std::to_string(i), call->output);
    }
    tap("final", head_input(logits.node()));
  }
  return graph;
}

}  // namespace pio::plan
