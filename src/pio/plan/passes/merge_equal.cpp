// SPDX-License-Identifier: Apache-2.0
#include <cstring>
#include <map>
#include <string>

#include "pio/plan/passes/list.h"

namespace pio::plan {
namespace {

// Equal keys mean equal values. A constant counts by its bytes, a parameter by its slot.
std::string key_of(const NodePtr& node) {
  std::string key(node->op().name);
  key += '|';
  key += node->attrs().to_string();
  key += node->shape().to_string();
  const auto append_pointer = [&](const void* pointer) {
    key.append(reinterpret_cast<const char*>(&pointer), sizeof(pointer));
  };
  for (const NodePtr& input : node->inputs()) {
    append_pointer(input.get());
  }
  constexpr size_t kMostCompared = 4096;  // larger constants, folded matrices, count by identity
  if (node->is(tensor::kConstant) && node->slot()->data.size() <= kMostCompared) {
    const auto data = node->slot()->data;
    key += name(node->dtype());
    key.append(reinterpret_cast<const char*>(data.data()), data.size());
  } else {
    append_pointer(node->slot().get());
  }
  return key;
}

}  // namespace

Graph merge_equal(const Graph& graph) {
  std::map<std::string, NodePtr> known;
  return rewrite(graph, [&](const NodePtr&, const NodePtr& rebuilt) {
    return known.emplace(key_of(rebuilt), rebuilt).first->second;
  });
}

}  // namespace pio::plan
