// SPDX-License-Identifier: Apache-2.0
// A small decoder made of ops alone, and a way to run its plans, for the tests of passes.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "pio/base/checked.h"
#include "pio/kernels/cpu/cpu_device.h"
#include "pio/kernels/params.h"
#include "pio/kernels/registry.h"
#include "pio/ops/ops.h"
#include "pio/plan/executor.h"
#include "pio/plan/plan_cache.h"
#include "pio/tensor/scope.h"

namespace pio::plan {

/// Two layers of what most models are: grouped attention with rope, SwiGLU, tied head. Its
/// parameters are never loaded: each has values made from its name. type: format of all matrices in
/// memory; qk_norm: each head of q and k is normed before its rotation.
class TinyGraph {
 public:
  static constexpr int64_t kVocab = 96;
  static constexpr int64_t kHidden = 64;
  static constexpr int64_t kWidth = 128;
  static constexpr int64_t kHeads = 4;
  static constexpr int64_t kKvHeads = 2;
  static constexpr int64_t kHeadDim = 16;
  static constexpr int kLayers = 2;

  explicit TinyGraph(quant::QuantType type, bool qk_norm = false)
      : type_(type), qk_norm_(qk_norm) {}

  [[nodiscard]] tensor::Tensor forward(const tensor::Tensor& ids) {
    const tensor::Tensor embed = matrix("embed", kVocab, kHidden);
    tensor::Tensor x = ops::embedding(ids, embed);
    for (int i = 0; i < kLayers; ++i) {
      const std::string path = "layers." + std::to_string(i);
      tensor::CallScope scope(path);
      x = x + attention(norm(x, path + ".norm1"), path);
      x = x + mlp(norm(x, path + ".norm2"), path);
    }
    return ops::linear(norm(x, "norm"), embed);
  }
  [[nodiscard]] Forward traced() {
    return [this](const tensor::Tensor& ids) { return forward(ids); };
  }

 private:
  tensor::Tensor slot(const std::string& name, const Shape& shape, quant::QuantType type) {
    auto& found = parameters_[name];
    if (!found.is_defined()) {
      auto slot = std::make_shared<tensor::Slot>();
      slot->name = name;
      slot->shape = shape;
      slot->packed_type = type;
      found = tensor::parameter(std::move(slot));
    }
    return found;
  }
  tensor::Tensor matrix(const std::string& name, int64_t rows, int64_t cols) {
    return slot(name, {rows, cols}, type_);
  }
  tensor::Tensor norm(const tensor::Tensor& x, const std::string& name) {
    return ops::rms_norm(x, slot(name, {x.dim(-1)}, quant::QuantType::kF32), 1e-5f);
  }
  tensor::Tensor attention(const tensor::Tensor& x, const std::string& path) {
    const auto project = [&](const char* name, int64_t heads) {
      return ops::linear(x, matrix(path + name, heads * kHeadDim, kHidden))
          .reshape({x.dim(0), x.dim(1), heads, kHeadDim});
    };
    const auto normed = [&](const tensor::Tensor& y, const char* name) {
      return qk_norm_ ? norm(y, path + name) : y;
    };
    const auto q = ops::rope(normed(project(".q", kHeads), ".q_norm"));
    const auto k = ops::rope(normed(project(".k", kKvHeads), ".k_norm"));
    const auto v = project(".v", kKvHeads);
    const auto y = ops::scaled_dot_product_attention(q, k, v, {.is_causal = true});
    return ops::linear(y.reshape({x.dim(0), x.dim(1), kHeads * kHeadDim}),
                       matrix(path + ".o", kHidden, kHeads * kHeadDim));
  }
  tensor::Tensor mlp(const tensor::Tensor& x, const std::string& path) {
    const auto gate = ops::linear(x, matrix(path + ".gate", kWidth, kHidden));
    const auto up = ops::linear(x, matrix(path + ".up", kWidth, kHidden));
    return ops::linear(ops::silu(gate) * up, matrix(path + ".down", kHidden, kWidth));
  }

  quant::QuantType type_;
  bool qk_norm_;
  std::map<std::string, tensor::Tensor> parameters_;
};

/// Logits of one sequence: seven rows of which the last two are wanted, then one row behind them.
inline std::vector<float> run_steps(const PlanCache& cache,
                                    std::shared_ptr<kernels::Device> device) {
  Executor executor(device, cache);
  std::vector<kernels::DeviceBuffer> buffers;
  std::vector<std::byte*> states;
  for (const ops::StateSpec& spec : cache.states()) {
    buffers.emplace_back(device, cache.page_bytes(spec));
    states.push_back(buffers.back().data());
  }
  executor.bind_states(states);
  StepInputs inputs(cache.layout());
  std::vector<float> out;
  const auto step = [&](int32_t first, int32_t rows, int32_t wanted) {
    for (int32_t r = 0; r < rows; ++r) {
      const auto at = static_cast<size_t>(r);
      inputs.ids()[at] = (first + r) * 31 % static_cast<int32_t>(TinyGraph::kVocab);
      inputs.positions()[at] = first + r;
      inputs.sequence()[at] = 0;
    }
    for (int32_t w = 0; w < wanted; ++w) {
      inputs.wanted()[static_cast<size_t>(w)] = rows - wanted + w;
      inputs.rules()[static_cast<size_t>(w)] = {};
      inputs.rules()[static_cast<size_t>(w)].repetition_penalty = 1.0f;
    }
    inputs.page_table(0)[0] = 0;
    inputs.set_counts(rows, wanted, 1, 0);
    executor.submit(inputs);
    executor.wait();
    std::vector<float> row(static_cast<size_t>(executor.vocab()));
    for (int32_t w = 0; w < wanted; ++w) {
      executor.read_logits(w, row);
      out.insert(out.end(), row.begin(), row.end());
    }
  };
  step(0, 7, 2);
  step(7, 1, 1);
  return out;
}

/// The same for the model without the passes named.
inline std::vector<float> run_tiny(TinyGraph& model, const std::set<std::string>& disabled) {
  const PlanCache cache(model.traced(), {.capacities = {1, 8}, .disabled_passes = disabled});
  return run_steps(cache, std::make_shared<kernels::CpuDevice>(std::make_shared<ThreadPool>(2),
                                                               kernels::default_isa()));
}

}  // namespace pio::plan
