// SPDX-License-Identifier: Apache-2.0
#include "self_check.h"

#include <bit>
#include <cmath>

#include "pio/base/error.h"
#include "pio/generation/session.h"
#include "pio/kernels/cpu/cpu_device.h"
#include "pio/nn/decoder.h"
#include "pio/ops/ops.h"
#include "pio/plan/eval.h"
#include "pio/plan/passes/passes.h"

namespace pio::apps {
namespace {

using quant::QuantType;

constexpr int64_t kVocab = 128;
constexpr int64_t kPrompt = 37;  // more than two pages, and odd
constexpr int64_t kSteps = 3;

std::shared_ptr<kernels::Device> device_of(const SelfCheck::Machine& machine) {
  return std::make_shared<kernels::CpuDevice>(machine.pool, machine.isa);
}

// Parameters without a checkpoint have values made from their names.
class TinyDecoder : public nn::Model {
 public:
  explicit TinyDecoder(QuantType weights) : decoder_(spec()) {
    for (auto& [name, slot] : decoder_.name_parameters()) {
      if (slot->shape.rank() == 2) {
        slot->packed_type = weights;
      }
    }
  }
  [[nodiscard]] nn::Tensor forward(const nn::Tensor& ids) const override {
    return decoder_.forward(ids);
  }

 private:
  static nn::DecoderSpec spec() {
    nn::DecoderSpec out;
    out.vocab = kVocab;
    out.hidden = 256;  // a block of the K-quants
    out.intermediate = 256;
    out.layers = 1;
    out.heads = 4;
    out.kv_heads = 2;
    out.head_dim = 64;
    return out;
  }
  nn::Decoder decoder_;
};

// Logits of every position of a prompt and of a few steps behind it, and a token drawn after each.
std::vector<float> decode(const SelfCheck::Machine& machine, QuantType weights, plan::KvType cache,
                          bool fused) {
  const TinyDecoder model(weights);
  generation::RunnerOptions options{.context = 64, .chunk = machine.chunk, .kv_type = cache};
  options.disabled_passes = plan::parse_disabled(fused ? "" : "all");
  generation::Runner runner(model, device_of(machine), options);
  generation::Session session(runner);
  std::vector<float> out;
  const auto append = [&](std::span<const float> row) {
    out.insert(out.end(), row.begin(), row.end());
  };
  std::vector<int32_t> prompt;
  for (int64_t i = 0; i < kPrompt; ++i) {
    prompt.push_back(static_cast<int32_t>(i * 131 % kVocab));
  }
  session.score(prompt, [&](int64_t, std::span<const float> row) { append(row); });
  for (int64_t i = 0; i < kSteps; ++i) {
    append(session.step(static_cast<int32_t>(i)));
    int32_t token = 0;
    runner.executor().read_tokens({&token, 1});
    out.push_back(static_cast<float>(token));
  }
  return out;
}

// Eager ops; a decoder's attention runs on the cache, and it has no softmax.
std::vector<float> eager(const SelfCheck::Machine& machine) {
  std::vector<float> values(4 * 256);
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<float>(static_cast<int>(i * 2654435761u % 2001) - 1000) * 1e-3f;
  }
  const tensor::Tensor x(values, {1, 4, 4, 64});
  const tensor::Tensor weight(std::span<const float>(values).first(256), {4, 64});
  const auto rotated = ops::rope(ops::rms_norm(x, std::nullopt));
  const auto mixed = ops::scaled_dot_product_attention(rotated, rotated, x);
  return plan::to_list(ops::softmax(ops::silu(ops::linear(mixed, weight))), device_of(machine));
}

std::vector<SelfCheck::Case> all_cases() {
  std::vector<SelfCheck::Case> out;
  const auto add = [&](QuantType weights, plan::KvType cache, const char* cache_name, bool fused) {
    out.push_back(
        {concat(quant::traits(weights).name, " weights, ", cache_name, fused ? "" : ", no passes"),
         [=](const SelfCheck::Machine& machine) {
           return decode(machine, weights, cache, fused);
         }});
  };
#define PIO_QUANT_TYPE(id, name, gguf_id, block, bytes) \
  add(QuantType::k##id, plan::KvType::kF16, "f16 cache", true);
#include "pio/quant/quant_types.inc"
#undef PIO_QUANT_TYPE
  add(QuantType::kF32, plan::KvType::kF32, "f32 cache", true);
  add(QuantType::kQ8_0, plan::KvType::kQ8, "q8 cache", true);
  add(QuantType::kQ8_0, plan::KvType::kF16, "f16 cache", false);
  out.push_back({"eager ops", eager});
  return out;
}

// Where two results differ, in bits, or "".
std::string difference(const std::vector<float>& got, const std::vector<float>& expected) {
  if (got.size() != expected.size()) {
    return concat(got.size(), " values, expected ", expected.size());
  }
  for (size_t i = 0; i < got.size(); ++i) {
    if (std::bit_cast<uint32_t>(got[i]) != std::bit_cast<uint32_t>(expected[i])) {
      return concat("value ", i, " is ", got[i], ", the reference gives ", expected[i]);
    }
    if (!std::isfinite(got[i])) {
      return concat("value ", i, " is not finite");
    }
  }
  return "";
}

}  // namespace

SelfCheck::SelfCheck() : SelfCheck(all_cases()) {}

SelfCheck::SelfCheck(std::vector<Case> cases) : cases_(std::move(cases)) {
  const Machine machine{std::make_shared<ThreadPool>(1), kernels::Isa::kReference, 64};
  for (const Case& one : cases_) {
    expected_.push_back(one.compute(machine));
  }
}

std::string SelfCheck::run(kernels::Isa isa, std::shared_ptr<ThreadPool> pool) const {
  const Machine machine{std::move(pool), isa, 16};
  for (size_t i = 0; i < cases_.size(); ++i) {
    const std::string found = difference(cases_[i].compute(machine), expected_[i]);
    if (!found.empty()) {
      return concat(cases_[i].name, ": ", found);
    }
  }
  return "";
}

}  // namespace pio::apps
