// SPDX-License-Identifier: Apache-2.0
// A tiny decoder without a checkpoint: every parameter has values made from its name. Counts its
// traces.
#pragma once

#include <memory>
#include <vector>

#include "pio/generation/runner.h"
#include "pio/kernels/cpu/cpu_device.h"
#include "pio/kernels/registry.h"
#include "pio/nn/decoder.h"

namespace pio::test {

inline nn::DecoderSpec tiny_spec(bool tied) {
  nn::DecoderSpec spec;
  spec.vocab = 96;
  spec.hidden = 64;
  spec.intermediate = 128;
  spec.layers = 2;
  spec.heads = 4;
  spec.kv_heads = 2;
  spec.head_dim = 16;
  spec.tied_head = tied;
  return spec;
}

/// A model whose forward counts its runs: each is a trace.
class TinyDecoder : public nn::Model {
 public:
  /// type: format of all matrices in memory.
  explicit TinyDecoder(quant::QuantType type = quant::QuantType::kQ8_0, bool tied = true)
      : decoder_(tiny_spec(tied)) {
    for (auto& [name, slot] : decoder_.name_parameters()) {
      if (slot->shape.rank() == 2) {
        slot->packed_type = type;
      }
    }
  }
  [[nodiscard]] nn::Tensor forward(const nn::Tensor& ids) const override {
    ++traces_;
    return decoder_.forward(ids);
  }
  [[nodiscard]] int traces() const noexcept { return traces_; }
  [[nodiscard]] nn::Decoder& decoder() noexcept { return decoder_; }

 private:
  nn::Decoder decoder_;
  mutable int traces_ = 0;
};

inline std::shared_ptr<kernels::CpuDevice> cpu_device(int threads = 2) {
  return std::make_shared<kernels::CpuDevice>(std::make_shared<ThreadPool>(threads),
                                              kernels::default_isa());
}

/// Token ids below 96 without a pattern; the same for the same arguments.
inline std::vector<int32_t> some_ids(int64_t count, int32_t salt = 0) {
  std::vector<int32_t> out;
  uint32_t state = 12345u + static_cast<uint32_t>(salt) * 7919u;
  for (int64_t i = 0; i < count; ++i) {
    state = state * 1664525u + 1013904223u;
    out.push_back(static_cast<int32_t>(state >> 8) % 96);
  }
  return out;
}

}  // namespace pio::test
