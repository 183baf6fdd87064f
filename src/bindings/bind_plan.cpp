// SPDX-License-Identifier: Apache-2.0
// Traces and plans of a model, for the tests that compare and time them.
#include <nanobind/stl/vector.h>

#include "bindings.h"
#include "pio/nn/module.h"
#include "pio/plan/plan_cache.h"

namespace pio::bindings {
namespace {

// Values one behind the other, each list behind its length.
class Bytes {
 public:
  void add(int64_t value) { raw(&value, sizeof value); }
  void add(std::string_view text) {
    add(static_cast<int64_t>(text.size()));
    raw(text.data(), text.size());
  }
  void add(const ops::Ref& ref) {
    add(static_cast<int64_t>(ref.space));
    add(int64_t{ref.id});
    add(ref.offset);
  }
  [[nodiscard]] nb::bytes take() const { return nb::bytes(out_.data(), out_.size()); }

 private:
  void raw(const void* data, size_t size) { out_.append(static_cast<const char*>(data), size); }

  std::string out_;
};

void add_step(Bytes& out, const plan::Step& step) {
  out.add(static_cast<int64_t>(step.kernel));
  out.add(std::string_view(reinterpret_cast<const char*>(step.params.data()), step.params.size()));
  out.add(static_cast<int64_t>(step.relocations.size()));
  for (const ops::Relocation& relocation : step.relocations) {
    out.add(relocation.param_offset);
    out.add(relocation.ref);
  }
  out.add(step.label);
  out.add(step.detail);
}

// All that a plan says: which kernels with which parameters, and where every value lies.
nb::bytes bytes_of(const plan::Plan& plan) {
  Bytes out;
  out.add(plan.capacity);
  out.add(static_cast<int64_t>(plan.steps.size()));
  for (const plan::Step& step : plan.steps) {
    add_step(out, step);
  }
  out.add(static_cast<int64_t>(plan.outputs.size()));
  for (const plan::OutputView& output : plan.outputs) {
    out.add(output.name);
    out.add(output.view.ref);
    out.add(output.view.cols);
    out.add(output.view.stride_bytes);
  }
  out.add(static_cast<int64_t>(plan.placement.offsets.size()));
  for (const int64_t offset : plan.placement.offsets) {
    out.add(offset);
  }
  out.add(plan.placement.size_bytes);
  return out.take();
}

// What all plans share: packed weights, the values of constants, states.
nb::bytes shared_bytes(const plan::PlanCache& plans) {
  Bytes out;
  for (const plan::PackedWeight& weight : plans.weights().weights()) {
    out.add(weight.name);
    for (const auto& source : weight.sources) {
      out.add(source->name);
      if (source->name.empty()) {
        out.add(std::string_view(reinterpret_cast<const char*>(source->data.data()),
                                 source->data.size()));
      }
    }
    for (const int64_t value :
         {weight.interleave, static_cast<int64_t>(weight.is_matrix),
          static_cast<int64_t>(weight.type), weight.rows, weight.cols, weight.offset}) {
      out.add(value);
    }
  }
  for (const ops::StateSpec& state : plans.states()) {
    out.add(state.name);
    out.add(state.kv_heads);
    out.add(state.head_dim);
    out.add(state.value_dim);
  }
  return out.take();
}

plan::Forward forward_of(const nn::Module& module) {
  return [&module](const tensor::Tensor& ids) { return module.call(ids); };
}

}  // namespace

void bind_plan(nb::module_& m) {
  m.def(
      "_trace",
      [](const nn::Module& module, int64_t rows) {
        return plan::topological(plan::trace(forward_of(module), {.rows = rows})).size();
      },
      nb::arg("module"), nb::arg("rows"));
  m.def(
      "_plan_bytes",
      [](const nn::Module& module) {
        const plan::PlanCache plans(forward_of(module), {.table_pages = 16, .history = 256});
        std::vector<nb::bytes> out = {shared_bytes(plans)};
        for (const plan::Plan& plan : plans.plans()) {
          out.push_back(bytes_of(plan));
        }
        return out;
      },
      nb::arg("module"));
}

}  // namespace pio::bindings
