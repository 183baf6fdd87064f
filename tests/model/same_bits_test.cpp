// SPDX-License-Identifier: Apache-2.0
// A real model gives the same bits on each instruction set of this machine, however it is run:
// threads, prompt chunks of 1, 7, 64 and whole, alone and in steps with seven others.
#include <gtest/gtest.h>

#include <cstdlib>

#include "pio/plugin/conformance.h"

namespace pio {
namespace {

TEST(SmolLM2, SameBitsOnEveryInstructionSet) {
  const char* path = std::getenv("PIO_TEST_MODEL");
  if (path == nullptr) {
    GTEST_SKIP() << "PIO_TEST_MODEL names no checkpoint";
  }
  const auto isas = plugin::check_isas(true);
  const auto results = plugin::check_checkpoint(plugin::model_factory(), "llama", path, isas);
  EXPECT_GE(results.size(), isas.size() * 4);
  for (const auto& result : results) {
    EXPECT_EQ(result.status, plugin::CheckStatus::kOk) << result.name << ": " << result.detail;
  }
}

}  // namespace
}  // namespace pio
