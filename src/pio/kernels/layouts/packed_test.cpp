// SPDX-License-Identifier: Apache-2.0
#include "pio/kernels/layouts/packed.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <vector>

namespace pio::kernels {
namespace {

using quant::QuantType;

class Packed : public testing::TestWithParam<QuantType> {};

// Random bits are valid blocks of every format; infinite or NaN scales are compared by their bits too.
TEST_P(Packed, UnpackGivesTheBitsOfDequantize) {
  const quant::QuantTraits& traits = quant::traits(GetParam());
  const int64_t rows = 37;
  const int64_t cols = traits.block_weights == 1 ? 77 : 512;
  std::mt19937 random(7);
  std::vector<std::byte> file(static_cast<size_t>(rows * quant::size_bytes(GetParam(), cols)));
  for (auto& byte : file) {
    byte = static_cast<std::byte>(random());
  }
  const int64_t row_bytes = quant::size_bytes(GetParam(), cols);
  std::vector<std::byte> packed(static_cast<size_t>(packed_bytes(GetParam(), rows, cols)));
  for (int64_t strip = 0; strip * kStripRows < rows; ++strip) {
    StripRows sources{};
    for (int64_t r = strip * kStripRows; r < std::min(rows, (strip + 1) * kStripRows); ++r) {
      sources[static_cast<size_t>(r % kStripRows)] = file.data() + r * row_bytes;
    }
    pack_strip(GetParam(), sources, cols, packed.data() + strip * strip_bytes(GetParam(), cols));
  }
  std::vector<float> expected(static_cast<size_t>(cols));
  std::vector<float> got(static_cast<size_t>(cols));
  for (int64_t r = 0; r < rows; ++r) {
    traits.dequantize(file.data() + r * row_bytes, expected.data(), cols);
    unpack_row(GetParam(), packed.data(), r, cols, got.data());
    for (int64_t i = 0; i < cols; ++i) {
      const auto at = static_cast<size_t>(i);
      if (expected[at] == expected[at]) {  // a NaN's sign depends on the operand order
        ASSERT_EQ(std::memcmp(&expected[at], &got[at], 4), 0) << r << " " << i;
      } else {
        ASSERT_NE(got[at], got[at]);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Types, Packed,
                         testing::Values(QuantType::kF32, QuantType::kF16, QuantType::kBF16,
                                         QuantType::kQ4_0, QuantType::kQ4_1, QuantType::kQ8_0,
                                         QuantType::kQ4_K, QuantType::kQ6_K));

}  // namespace
}  // namespace pio::kernels
