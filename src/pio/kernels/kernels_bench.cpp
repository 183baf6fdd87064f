// SPDX-License-Identifier: Apache-2.0
// Google Benchmark over every version in kernels.inc that this CPU runs, on one thread, as a share
// of what the machine can do. Names: "matmul_q4_0/avx2/3072x1024/rows:8". Of several repetitions
// the fastest is shown.
#include <benchmark/benchmark.h>

#include <cmath>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "pio/base/thread_pool.h"
#include "pio/kernels/cpu/cpu_device.h"
#include "pio/kernels/kernel_bench_support.h"
#include "pio/kernels/limits.h"
#include "pio/kernels/registry.h"

namespace pio::kernels::bench {
namespace {

// One thread, its limits, and the arrays of the benchmark that runs: of that alone, as some are
// large.
class Stage {
 public:
  Stage() {
    limits_.dot = probe_.dot();
    limits_.fma = probe_.fma();
    limits_.bf16 = probe_.bf16();
  }
  [[nodiscard]] const Limits& limits() const noexcept { return limits_; }

  const BenchSetup& setup_of(const BenchCase& wanted) {
    if (current_ != &wanted) {
      current_ = nullptr;
      setup_ = std::make_unique<BenchSetup>();
      wanted.make(*setup_);
      current_ = &wanted;
    }
    return *setup_;
  }

  // Values count here as weights do: these calls find them no nearer.
  double seconds_for(Work work) {
    const int64_t size = probe_.readable(work.bytes());
    work.weight_bytes += work.value_bytes;
    auto& rate = reread_[size];
    rate = rate > 0 ? rate : probe_.reread(size);
    limits_.reread = rate;
    return limits_.seconds_for(work);
  }

  // Calls body as a worker is called: with subnormals flushed.
  template <class Body>
  void run(const Body& body) {
    pool_->run([&](int) { body(); });
  }

 private:
  static constexpr int64_t kMostRead = int64_t{128} << 20;

  std::shared_ptr<ThreadPool> pool_ = std::make_shared<ThreadPool>(1);
  LimitProbe probe_{std::make_shared<CpuDevice>(pool_, best_isa()), kMostRead};
  Limits limits_;
  std::map<int64_t, double> reread_;
  const BenchCase* current_ = nullptr;
  std::unique_ptr<BenchSetup> setup_;
};

void measure(benchmark::State& state, const Kernel& kernel, KernelId id, const BenchCase& on,
             Stage& stage) {
  const std::span<const void* const> calls = stage.setup_of(on).calls();
  Work work;
  for (const void* params : calls) {
    work += work_of({.run = nullptr, .tasks = nullptr, .params = params, .kernel = id});
  }
  stage.run([&] {
    size_t next = 0;
    for ([[maybe_unused]] auto _ : state) {
      kernel.run(calls[next], 0, kernel.tasks(calls[next]));
      next = next + 1 < calls.size() ? next + 1 : 0;
    }
  });
  const auto rate = [&](double of_all) {
    return benchmark::Counter(of_all / static_cast<double>(calls.size()),
                              benchmark::Counter::kIsIterationInvariantRate);
  };
  state.counters["ops"] = rate(static_cast<double>(work.dot_ops + work.float_ops + work.bf16_ops));
  state.counters["bytes"] = rate(static_cast<double>(work.bytes()));
  state.counters["limit"] = rate(stage.seconds_for(work));
}

// Shows the fastest repetition of each benchmark: other load only ever slows one down.
class BestReporter : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context& context) override { return shown_.ReportContext(context); }
  void ReportRuns(const std::vector<Run>& runs) override {
    std::vector<Run> best;
    for (const Run& run : runs) {
      if (run.run_type == Run::RT_Iteration &&
          (best.empty() || run.GetAdjustedCPUTime() < best.front().GetAdjustedCPUTime())) {
        best = {run};
      }
    }
    for (Run& run : best) {
      run.counters["limit"].flags = benchmark::Counter::kDefaults;  // a share: no "/s"
    }
    shown_.ReportRuns(best);
  }
  void Finalize() override { shown_.Finalize(); }

 private:
  benchmark::BenchmarkReporter& shown_ = *benchmark::CreateDefaultDisplayReporter();  // not ours
};

void add_all(Stage& stage, std::vector<std::shared_ptr<const BenchCases>>& kept) {
  for (const BenchKernel& one : kBenchKernels) {
    const Isa isa = isa_from_name(one.isa).value();
    if (!is_available(isa)) {
      continue;
    }
    const Kernel& version = kernel(one.id, isa);
    kept.push_back(std::make_shared<BenchCases>(one.cases()));
    for (const BenchCase& on : kept.back()->list) {
      benchmark::RegisterBenchmark(concat(version.name, "/", one.isa, "/", on.name).c_str(),
                                   [&version, id = one.id, &on, &stage](benchmark::State& state) {
                                     measure(state, version, id, on, stage);
                                   })
          ->Unit(benchmark::kMicrosecond);
    }
  }
}

int run(int argc, char** argv) {
  // Flags of the caller come behind these and win.
  std::vector<std::string> flags = {argv[0], "--benchmark_min_time=0.01",
                                    "--benchmark_repetitions=10",
                                    "--benchmark_counters_tabular=true"};
  flags.insert(flags.end(), argv + 1, argv + argc);
  std::vector<char*> pointers;
  pointers.reserve(flags.size() + 1);
  for (std::string& flag : flags) {
    pointers.push_back(flag.data());
  }
  auto count = static_cast<int>(pointers.size());
  pointers.push_back(nullptr);
  benchmark::Initialize(&count, pointers.data());
  if (benchmark::ReportUnrecognizedArguments(count, pointers.data())) {
    return 1;
  }
  Stage stage;
  benchmark::AddCustomContext("integer dots Gop/s", concat(std::llround(stage.limits().dot / 1e9)));
  benchmark::AddCustomContext("f32 Gop/s", concat(std::llround(stage.limits().fma / 1e9)));
  std::vector<std::shared_ptr<const BenchCases>> kept;
  add_all(stage, kept);
  BestReporter reporter;
  const size_t ran = benchmark::RunSpecifiedBenchmarks(&reporter);
  benchmark::Shutdown();
  return ran == 0 ? 1 : 0;
}

}  // namespace
}  // namespace pio::kernels::bench

int main(int argc, char** argv) { return pio::kernels::bench::run(argc, argv); }
