// SPDX-License-Identifier: Apache-2.0
#include "pio/plan/eval.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <span>

#include "pio/base/error.h"
#include "pio/kernels/cpu/cpu_device.h"
#include "pio/kernels/registry.h"
#include "pio/plan/passes/passes.h"
#include "pio/plan/plan.h"

namespace pio::plan {

namespace {

// A list in pieces, so that what is long can be ended; each piece costs one region of the pool.
void run(kernels::Device& device, std::span<const kernels::Launch> launches, const std::function<void()>& interrupt) {
  constexpr size_t kPiece = 16;
  constexpr auto kPause = std::chrono::milliseconds(100);
  auto last = std::chrono::steady_clock::now();
  while (!launches.empty()) {
    const size_t count = interrupt ? std::min(kPiece, launches.size()) : launches.size();
    device.submit(launches.first(count));
    device.wait();
    launches = launches.subspan(count);
    if (interrupt && std::chrono::steady_clock::now() - last > kPause) {
      interrupt();
      last = std::chrono::steady_clock::now();
    }
  }
}

}  // namespace

std::vector<std::byte> to_bytes(const tensor::Tensor& tensor, std::shared_ptr<kernels::Device> device,
                                const std::function<void()>& interrupt) {
  const Shape& shape = tensor.shape();
  PIO_CHECK(!shape.has_named(), "[trace] values of ", shape.to_string(),
            " do not exist while tracing: model code must not depend on data");
  if (shape.elements() == 0) {
    return {};
  }
  if (tensor.node()->op().is_leaf) {
    const tensor::Slot& slot = *tensor.node()->slot();
    if (tensor.dtype() == DType::kI32) {
      return {slot.data.begin(), slot.data.end()};
    }
    const std::vector<float> values = tensor::slot_values(slot);
    const auto bytes = std::as_bytes(std::span(values));
    return {bytes.begin(), bytes.end()};
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
  run(*device, bound.launches(), interrupt);
  const ops::RowsView& view = plan.output("value").view;
  std::vector<std::byte> out(static_cast<size_t>(shape.elements() * 4));
  const std::byte* base = view.ref.space == ops::Space::kWeights
                              ? weights.data()
                              : arena.data() + plan.placement.offsets.at(static_cast<size_t>(view.ref.id));
  for (int64_t row = 0; row < view.rows.capacity(); ++row) {
    device->download(out.data() + row * view.cols * 4, base + view.ref.offset + row * view.stride_bytes,
                     view.cols * 4);
  }
  return out;
}

std::vector<float> to_list(const tensor::Tensor& tensor, std::shared_ptr<kernels::Device> device) {
  const std::vector<std::byte> bytes = to_bytes(tensor, std::move(device));
  std::vector<float> out(bytes.size() / 4);
  if (out.empty()) {
    return out;  // memcpy wants pointers even for nothing
  }
  if (tensor.dtype() == DType::kI32) {
    std::vector<int32_t> whole(out.size());
    std::memcpy(whole.data(), bytes.data(), bytes.size());
    std::ranges::transform(whole, out.begin(), [](int32_t value) { return static_cast<float>(value); });
  } else {
    std::memcpy(out.data(), bytes.data(), bytes.size());
  }
  return out;
}

float item(const tensor::Tensor& tensor) {
  PIO_CHECK(tensor.shape().elements() == 1, "[item] got ", tensor.shape().to_string(),
            ", expected one element");
  return to_list(tensor)[0];
}

}  // namespace pio::plan
