// SPDX-License-Identifier: Apache-2.0
#include "pio/plan/eval.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "pio/base/error.h"
#include "pio/kernels/cpu/cpu_device.h"
#include "pio/kernels/registry.h"
#include "pio/plan/passes/passes.h"
#include "pio/plan/plan.h"

namespace pio::plan {

std::vector<float> to_list(const tensor::Tensor& tensor, std::shared_ptr<kernels::Device> device) {
  const Shape& shape = tensor.shape();
  PIO_CHECK(!shape.has_named(), "[trace] values of ", shape.to_string(),
            " do not exist while tracing: model code must not depend on data");
  if (tensor.node()->op().is_leaf) {
    const tensor::Slot& slot = *tensor.node()->slot();
    if (tensor.dtype() == DType::kI32) {
      std::vector<int32_t> ids(slot.data.size() / 4);
      std::memcpy(ids.data(), slot.data.data(), slot.data.size());
      return {ids.begin(), ids.end()};
    }
    return tensor::slot_values(slot);
  }
  if (device == nullptr) {
    device = std::make_shared<kernels::CpuDevice>(kernels::shared_pool(), kernels::default_isa());
  }
  Graph graph;
  graph.outputs.push_back({"value", tensor.node()});
  Lowerer lowerer({});
  const Plan plan = lowerer.lower(run_passes(graph, {}), 1);
  const StepLayout layout({});
  const kernels::DeviceBuffer weights(device, lowerer.weights().size_bytes());
  const kernels::DeviceBuffer arena(device, plan.placement.size_bytes);
  const kernels::DeviceBuffer step(device, layout.size_bytes());
  lowerer.weights().pack(*device, weights.data());
  const BoundPlan bound(plan,
                        {.arena = arena.data(), .weights = weights.data(), .step = step.data(), .states = {}},
                        layout, device->isa());
  device->submit(bound.launches());
  device->wait();
  const ops::RowsView& view = plan.output("value").view;
  std::vector<uint32_t> words(static_cast<size_t>(shape.elements()));
  const std::byte* base = view.ref.space == ops::Space::kWeights
                              ? weights.data()
                              : arena.data() + plan.placement.offsets.at(static_cast<size_t>(view.ref.id));
  for (int64_t row = 0; row < view.rows.capacity(); ++row) {
    device->download(reinterpret_cast<std::byte*>(words.data() + row * view.cols),
                     base + view.ref.offset + row * view.stride_bytes, view.cols * 4);
  }
  std::vector<float> out(words.size());
  std::ranges::transform(words, out.begin(), [&](uint32_t word) {
    return view.dtype == DType::kI32 ? static_cast<float>(static_cast<int32_t>(word))
                                     : std::bit_cast<float>(word);
  });
  return out;
}

float item(const tensor::Tensor& tensor) {
  PIO_CHECK(tensor.shape().elements() == 1, "[item] got ", tensor.shape().to_string(),
            ", expected one element");
  return to_list(tensor)[0];
}

}  // namespace pio::plan
