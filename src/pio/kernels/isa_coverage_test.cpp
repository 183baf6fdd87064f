// SPDX-License-Identifier: Apache-2.0
// The tests of this folder compare the versions that this CPU runs; these say which it does not.
#include <gtest/gtest.h>

#include "pio/kernels/registry.h"

namespace pio::kernels {
namespace {

class IsaCoverage : public testing::TestWithParam<Isa> {};

TEST_P(IsaCoverage, IsCompared) {
  if (!is_available(GetParam())) {
    GTEST_SKIP() << "this CPU lacks " << name(GetParam()) << ": no test here has run its kernels";
  }
}

INSTANTIATE_TEST_SUITE_P(Sets, IsaCoverage,
                         testing::Values(Isa::kAvx2, Isa::kAvxVnni, Isa::kAvx512,
                                         Isa::kAvx512Bf16),
                         [](const auto& given) { return std::string(name(given.param)); });

}  // namespace
}  // namespace pio::kernels
