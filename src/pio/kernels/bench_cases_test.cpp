// SPDX-License-Identifier: Apache-2.0
// Every kernel with a version for an instruction set has benchmarks that run, or says why not.
#include <gtest/gtest.h>

#include <set>

#include "pio/kernels/kernel_bench_support.h"
#include "pio/kernels/registry.h"
#include "pio/kernels/work.h"

namespace pio::kernels::bench {
namespace {

TEST(BenchCases, AreNamedOnceOrHaveAReason) {
  for (const BenchKernel& one : kBenchKernels) {
    SCOPED_TRACE(name(one.id));
    ASSERT_TRUE(isa_from_name(one.isa).has_value()) << one.isa;
    const BenchCases cases = one.cases();
    EXPECT_NE(cases.list.empty(), cases.none.empty());
    std::set<std::string> names;
    for (const BenchCase& on : cases.list) {
      EXPECT_TRUE(names.insert(on.name).second) << on.name;
    }
  }
}

// Of each kernel the first, by the best version alone: the others are many.
TEST(BenchCases, RunAndCountTheirWork) {
  std::set<KernelId> seen;
  for (const BenchKernel& one : kBenchKernels) {
    const BenchCases cases = one.cases();
    if (!seen.insert(one.id).second || cases.list.empty()) {
      continue;
    }
    SCOPED_TRACE(concat(name(one.id), "/", cases.list.front().name));
    BenchSetup setup;
    cases.list.front().make(setup);
    ASSERT_FALSE(setup.calls().empty());
    const Kernel& best = kernel(one.id, best_isa());
    const void* params = setup.calls().front();
    EXPECT_GT(best.tasks(params), 0);
    best.run(params, 0, best.tasks(params));
    const Launch launch{
        .run = best.run, .tasks = best.tasks, .params = params, .kernel = one.id};
    EXPECT_GT(work_of(launch).bytes(), 0);
  }
}

}  // namespace
}  // namespace pio::kernels::bench
