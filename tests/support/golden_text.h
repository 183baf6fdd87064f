// SPDX-License-Identifier: Apache-2.0
// Goldens that are texts: a change shows as a difference. PIO_UPDATE_GOLDEN=1 writes the files anew.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace pio::test {

/// Expects `text` to be what `file` holds.
inline void expect_golden_text(const std::string& text, const std::filesystem::path& file) {
  if (std::getenv("PIO_UPDATE_GOLDEN") != nullptr) {
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }
  std::ifstream in(file);
  ASSERT_TRUE(in.good()) << file << ": PIO_UPDATE_GOLDEN=1 writes it";
  std::stringstream expected;
  expected << in.rdbuf();
  EXPECT_EQ(text, expected.str()) << "PIO_UPDATE_GOLDEN=1 writes " << file << " anew";
}

}  // namespace pio::test
