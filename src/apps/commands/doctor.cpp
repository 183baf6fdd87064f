// SPDX-License-Identifier: Apache-2.0
// doctor: what this machine is, which path the numbers take, and a self-test.
#include <cstdio>

#include "../command.h"
#include "pio/base/cpu_info.h"
#include "pio/base/memory_info.h"
#include "pio/kernels/cpu/cpu_device.h"
#include "pio/kernels/registry.h"
#include "pio/ops/ops.h"
#include "pio/plugin/eval.h"

namespace pio::apps {
namespace {

// A small graph on every instruction set must give the bits of the reference.
bool self_test(kernels::Isa isa) {
  std::vector<float> values(4 * 256);
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<float>(static_cast<int>(i * 2654435761u % 2001) - 1000) * 1e-3f;
  }
  const tensor::Tensor x(values, {1, 4, 4, 64});
  const tensor::Tensor weight(std::span<const float>(values).first(256), {4, 64});
  const auto value = [&](kernels::Isa on) {
    const auto device = std::make_shared<kernels::CpuDevice>(kernels::shared_pool(), on);
    const auto rotated = ops::rope(ops::rms_norm(x, std::nullopt));
    return plan::to_list(ops::softmax(ops::silu(ops::linear(rotated, weight))), device);
  };
  return value(isa) == value(kernels::Isa::kReference);
}

int doctor() {
  const CpuInfo& cpu = cpu_info();
  std::printf("cpu       %s (%s family %d model %d)\n", cpu.brand.c_str(), cpu.vendor.c_str(), cpu.family,
              cpu.model);
  std::printf("features  avx2=%d avx_vnni=%d avx512=%d avx512_bf16=%d\n", cpu.avx2, cpu.avx_vnni, cpu.avx512,
              cpu.avx512_bf16);
  std::printf("threads   %d of %d usable CPUs\n", default_threads(), usable_cpus());
  if (const auto memory = available_memory_bytes()) {
    std::printf("memory    %.1f GiB available\n", static_cast<double>(*memory) / (1 << 30));
  }
  const kernels::Isa isa = kernels::default_isa();
  std::printf("path      %s%s\n", std::string(kernels::name(isa)).c_str(),
              isa == kernels::best_isa() ? "" : " (forced by PIO_ISA)");
  bool ok = true;
  for (const kernels::Isa set : {kernels::Isa::kReference, kernels::Isa::kAvx2, kernels::Isa::kAvxVnni,
                                 kernels::Isa::kAvx512}) {
    if (kernels::is_available(set)) {
      const bool good = self_test(set);
      ok = ok && good;
      std::printf("self-test %-9s %s\n", std::string(kernels::name(set)).c_str(), good ? "ok" : "FAILED");
    }
  }
  return ok ? kExitOk : kExitFailure;
}

}  // namespace

void add_doctor(CLI::App& app, std::function<int()>& action) {
  app.description("What this machine offers, and a self-test");
  app.callback([&action] { action = [] { return doctor(); }; });
}

}  // namespace pio::apps
