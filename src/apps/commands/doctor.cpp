// SPDX-License-Identifier: Apache-2.0
// doctor: what this machine is, which path the numbers take, and a self-test.
#include <unistd.h>

#include <cstdio>

#include "../command.h"
#include "pio/base/cpu_info.h"
#include "pio/base/memory_info.h"
#include "pio/kernels/cpu/cpu_device.h"
#include "pio/kernels/registry.h"
#include "self_check.h"

namespace pio::apps {
namespace {

constexpr kernels::KernelId kKernels[] = {
#define PIO_KERNEL(id, params) kernels::KernelId::k_##id,
#define PIO_KERNEL_ISA(id, isa)
#include "pio/kernels/kernels.inc"
#undef PIO_KERNEL
#undef PIO_KERNEL_ISA
};

struct Doctor {
  std::string isa;
  int64_t threads = 0;
};

std::string gib(int64_t bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f GiB", static_cast<double>(bytes) / (1 << 30));
  return text;
}

std::string machine_facts(int threads) {
  const CpuInfo& cpu = cpu_info();
  const int64_t memory = int64_t{::sysconf(_SC_PHYS_PAGES)} * ::sysconf(_SC_PAGESIZE);
  const auto available = available_memory_bytes();
  return concat("cpu       ", escaped(cpu.brand), " (", escaped(cpu.vendor), " family ", cpu.family,
                " model ", cpu.model, ")\nfeatures  avx2=", int{cpu.avx2},
                " avx_vnni=", int{cpu.avx_vnni}, " avx512=", int{cpu.avx512},
                " avx512_bf16=", int{cpu.avx512_bf16}, "\nthreads   ", threads, " of ",
                usable_cpus(), " usable CPUs\nmemory    ", available ? gib(*available) : "unknown",
                " of ", gib(memory), " available\n");
}

// Which instruction set serves each kernel: "avx512: embed_rows, ...".
std::string numeric_path(kernels::Isa isa) {
  const bool best = isa == kernels::best_isa();
  std::string out = concat(
      "path      ", kernels::name(isa),
      best ? "" : concat(" (asked for; the best here is ", kernels::name(kernels::best_isa()), ")"),
      "\n");
  for (const kernels::Isa set : kernels::kIsas) {
    std::string names;
    for (const kernels::KernelId id : kKernels) {
      if (kernels::kernel(id, isa).isa == set) {
        names += concat(names.empty() ? "" : " ", kernels::name(id));
      }
    }
    if (!names.empty()) {
      out += concat("  ", kernels::name(set), ": ", names, "\n");
    }
  }
  return out;
}

int doctor(const Doctor& o) {
  const kernels::Isa isa = parse_isa(o.isa);
  const int threads = o.threads > 0 ? static_cast<int>(o.threads) : default_threads();
  print(machine_facts(threads) + numeric_path(isa));
  const SelfCheck check;
  const auto pool = std::make_shared<ThreadPool>(threads, default_pinning());
  bool ok = true;
  for (const kernels::Isa set : kernels::kIsas) {
    const bool wanted = o.isa.empty() ? kernels::is_available(set) : set == isa;
    if (wanted) {
      const std::string problem = check.run(set, pool);
      ok = ok && problem.empty();
      print(concat("self-test ", kernels::name(set), ": ",
                   problem.empty()
                       ? concat("ok, ", check.size(), " cases with the reference's bits")
                       : concat("FAILED: ", problem),
                   "\n"));
    }
  }
  return ok ? kExitOk : kExitFailure;
}

}  // namespace

void add_doctor(Options& options) {
  options.description("What this machine offers, and a self-test");
  const auto o = std::make_shared<Doctor>();
  options.add("-t,--threads", o->threads, {1, 1024}, "Worker threads of the self-test");
  options.add("--isa", o->isa, "Instruction set to test alone: reference, avx2, avxvnni, avx512 or avx512_bf16")
      .not_empty();
  options.action([o] { return doctor(*o); });
}

}  // namespace pio::apps
