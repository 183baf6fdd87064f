// SPDX-License-Identifier: Apache-2.0
#include "self_check.h"

#include <gtest/gtest.h>

#include <limits>

#include "pio/kernels/registry.h"

namespace pio::apps {
namespace {

using kernels::Isa;

TEST(SelfCheckTest, ThisMachinePasses) {
  const SelfCheck check;
  EXPECT_GE(check.size(), 12u);
  const auto pool = std::make_shared<ThreadPool>(3);
  for (const Isa isa : kernels::kIsas) {
    if (kernels::is_available(isa)) {
      EXPECT_EQ(check.run(isa, pool), "");
    }
  }
}

TEST(SelfCheckTest, OneBitIsADifference) {
  const auto result_of = [](std::vector<float> avx2) {
    const SelfCheck check(
        {{"case", [=](const SelfCheck::Machine& machine) {
            return machine.isa == Isa::kReference ? std::vector{1.0f, 0.0f} : avx2;
          }}});
    return check.run(Isa::kAvx2, std::make_shared<ThreadPool>(1));
  };
  EXPECT_EQ(result_of({1.0f, 0.0f}), "");
  EXPECT_EQ(result_of({1.0f, -0.0f}), "case: value 1 is -0, the reference gives 0");
  EXPECT_EQ(result_of({1.0f}), "case: 1 values, expected 2");
}

TEST(SelfCheckTest, ValuesAreFinite) {
  const SelfCheck check({{"case", [](const SelfCheck::Machine&) {
                            return std::vector{std::numeric_limits<float>::infinity()};
                          }}});
  EXPECT_EQ(check.run(Isa::kReference, std::make_shared<ThreadPool>(1)),
            "case: value 0 is not finite");
}

}  // namespace
}  // namespace pio::apps
