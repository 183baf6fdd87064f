// SPDX-License-Identifier: Apache-2.0
// From graph to plan: walks the nodes in order and lets each op emit its calls.
#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "pio/base/checked.h"
#include "pio/base/error.h"
#include "pio/kernels/params.h"
#include "pio/plan/plan.h"

namespace pio::plan {

using ops::Ref;
using ops::RowsView;
using ops::Space;

namespace {

int64_t row_bytes(DType dtype, int64_t cols) {
  switch (dtype) {
    case DType::kQ8Rows:
      return kernels::row_bytes(kernels::RowFormat::kQ8, cols);
    case DType::kBF16Rows:
      return kernels::row_bytes(kernels::RowFormat::kBF16, cols);
    default:
      return cols * size_bytes(dtype);
  }
}

// A value behind views: where it starts, and, if its rows are not dense, how they are spaced.
struct Resolved {
  Ref ref;
  bool is_dense = true;
  Dim rows = 0;              // of a strided value
  int64_t stride_bytes = 0;  // of a strided value
};

// Negative splits count from the end; a scalar is one row of one.
int split_of(const Shape& shape, int split) { return split < 0 ? std::max(split + shape.rank(), 0) : split; }

// Weights named in the detail column.
std::string describe(const NodePtr& node) {
  std::string out = node->attrs().to_string();
  for (const NodePtr& input : node->inputs()) {
    if (input->is(tensor::kParameter)) {
      out += concat(" ", input->slot()->name);
    }
    for (size_t i = 0; input->is(ops::kStack) && i < input->inputs().size(); ++i) {
      out += concat(i == 0 ? " " : "+", input->input(i)->slot()->name);
    }
  }
  return out;
}

// Nodes that no output of the model itself needs.
std::unordered_set<const Node*> tap_only(const Graph& graph) {
  Graph own;
  std::ranges::copy_if(graph.outputs, std::back_inserter(own.outputs),
                       [](const Output& output) { return !output.is_tap; });
  std::unordered_set<const Node*> out;
  for (const NodePtr& node : topological(graph)) {
    out.insert(node.get());
  }
  for (const NodePtr& node : topological(own)) {
    out.erase(node.get());
  }
  return out;
}

}  // namespace

class PlanBuilder final : public ops::StepBuilder {
 public:
  PlanBuilder(Lowerer& shared, int64_t capacity) : shared_(shared) { plan_.capacity = capacity; }

  Plan build(const Graph& graph) {
    const auto copies = tap_only(graph);
    for (const NodePtr& node : topological(graph)) {
      if (!node->op().is_leaf && !node->op().is_view) {
        node_ = node;
        is_copy_ = copies.contains(node.get());
        ops::lowering(node->op()).lower(node, *this);
      }
    }
    for (const Output& output : graph.outputs) {
      node_ = output.node;
      is_copy_ = output.is_tap;
      const int split = ops::row_split(output.node->shape());
      plan_.outputs.push_back({output.name, rows(output.node, split > 0 ? split : -1)});
    }
    set_lifetimes();
    plan_.placement = place(plan_.values);
    return std::move(plan_);
  }

  RowsView rows(const NodePtr& node, int split) override {
    const Shape& shape = node->shape();
    const int at = split_of(shape, split);
    const Dim count = shape.product(0, at);
    const int64_t cols = shape.product(at, shape.rank()).to_int();
    Resolved value = resolve(node);
    if (value.is_dense) {
      return {value.ref, count, cols, row_bytes(node->dtype(), cols), node->dtype()};
    }
    if (value.rows != count) {
      value.ref = dense_copy(node, value);
      return {value.ref, count, cols, row_bytes(node->dtype(), cols), node->dtype()};
    }
    return {value.ref, count, cols, value.stride_bytes, node->dtype()};
  }

  RowsView result(int split) override {
    const Shape& shape = node_->shape();
    const int at = split_of(shape, split);
    const Dim count = shape.product(0, at);
    const Dim cols = shape.product(at, shape.rank());
    const int64_t bytes = row_bytes(node_->dtype(), cols.capacity());
    const Ref ref = add_value(count.capacity() * bytes);
    values_.emplace(node_.get(), ref);
    return {ref, count, cols.capacity(), bytes, node_->dtype()};
  }

  Ref workspace(int64_t bytes) override { return add_value(bytes); }
  ops::WeightView weight(const NodePtr& leaf) override { return shared_.weights_.matrix(leaf); }
  Ref values(const NodePtr& leaf) override { return shared_.weights_.values(leaf); }
  int64_t page_table_stride() const override { return shared_.options_.table_pages; }
  kernels::KvType kv_type() const override { return shared_.options_.kv_type; }

  int32_t state(const ops::StateSpec& spec) override {
    auto& states = shared_.states_;
    for (size_t i = 0; i < states.size(); ++i) {
      if (states[i].name == spec.name) {
        PIO_CHECK(states[i] == spec, "[trace] state ", spec.name, " changed its form between traces");
        return static_cast<int32_t>(i);
      }
    }
    states.push_back(spec);
    return static_cast<int32_t>(states.size()) - 1;
  }

 private:
  void emit_call(kernels::KernelId kernel, std::vector<std::byte> params,
                 std::vector<ops::Relocation> relocations) override {
    plan_.steps.push_back({.kernel = kernel,
                           .params = std::move(params),
                           .relocations = std::move(relocations),
                           .label = concat(node_->op().name, " ", node_->shape().to_string()),
                           .detail = describe(node_),
                           .is_copy = is_copy_});
  }

  Ref add_value(int64_t bytes) {
    plan_.values.push_back({.size_bytes = std::max<int64_t>(bytes, 1), .first = -1, .last = -1});
    return {.space = Space::kArena, .id = static_cast<int32_t>(plan_.values.size()) - 1};
  }

  Resolved resolve(const NodePtr& node) {
    if (node->is(tensor::kInput)) {
      const std::string& name = node->attrs().get_string("name");
      const auto field = name == "ids"         ? ops::StepField::kIds
                         : name == "positions" ? ops::StepField::kPositions
                                               : ops::StepField::kWanted;
      return {.ref = ops::step_field(field)};
    }
    if (node->op().is_leaf) {
      return {.ref = shared_.weights_.values(node)};
    }
    if (node->is(tensor::kReshape)) {
      return resolve(node->input(0));
    }
    if (node->is(tensor::kSlice)) {
      const RowsView whole = rows(node->input(0), -1);
      Resolved out{.ref = whole.ref, .is_dense = false, .rows = whole.rows,
                   .stride_bytes = whole.stride_bytes};
      out.ref.offset += row_bytes(node->dtype(), node->attrs().get_int("begin"));
      return out;
    }
    return {.ref = values_.at(node.get())};
  }

  // A copy of a strided value in room of its own, made once.
  Ref dense_copy(const NodePtr& node, const Resolved& value) {
    const auto found = dense_.find(node.get());
    if (found != dense_.end()) {
      return found->second;
    }
    const int64_t bytes = row_bytes(node->dtype(), node->shape().elements() / value.rows.capacity());
    ops::Call<kernels::CopyRowsParams> call{kernels::KernelId::k_copy_rows};
    const Ref out = add_value(value.rows.capacity() * bytes);
    call.bind(call.params.x, value.ref);
    call.params.x_stride_bytes = value.stride_bytes;
    call.bind(call.params.rows, value.rows);
    call.params.row_bytes = bytes;
    call.bind(call.params.out, out);
    call.params.out_stride_bytes = bytes;
    emit(call);
    dense_.emplace(node.get(), out);
    return out;
  }

  void set_lifetimes() {
    for (size_t i = 0; i < plan_.steps.size(); ++i) {
      for (const ops::Relocation& relocation : plan_.steps[i].relocations) {
        if (relocation.ref.space == Space::kArena) {
          Lifetime& value = plan_.values[static_cast<size_t>(relocation.ref.id)];
          value.first = value.first < 0 ? static_cast<int64_t>(i) : value.first;
          value.last = static_cast<int64_t>(i);
        }
      }
    }
    for (const OutputView& output : plan_.outputs) {
      if (output.view.ref.space != Space::kArena) {
        continue;
      }
      plan_.values[static_cast<size_t>(output.view.ref.id)].last =
          static_cast<int64_t>(plan_.steps.size());
    }
  }

  Lowerer& shared_;
  Plan plan_;
  NodePtr node_;
  bool is_copy_ = false;
  std::unordered_map<const Node*, Ref> values_;
  std::unordered_map<const Node*, Ref> dense_;  ///< copies of strided values
};

Plan Lowerer::lower(const Graph& graph, int64_t capacity) {
  return PlanBuilder(*this, capacity).build(graph);
}

}  // namespace pio::plan
