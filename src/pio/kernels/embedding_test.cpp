// SPDX-License-Identifier: Apache-2.0
// embed_rows: each version against the reference, for every weight format.
#include "pio/kernels/kernel_test_support.h"
#include "pio/kernels/layouts/packed.h"
#include "pio/kernels/params.h"

namespace pio::kernels {
namespace {

using namespace testing_support;  // NOLINT(google-build-using-namespace): a test
using quant::QuantType;

// A packed matrix of random bits: infinite and NaN scales included.
std::vector<std::byte> random_packed(QuantType type, int64_t rows, int64_t cols) {
  std::vector<std::byte> out(static_cast<size_t>(packed_bytes(type, rows, cols)));
  std::mt19937 random(5);
  for (std::byte& byte : out) {
    byte = static_cast<std::byte>(random());
  }
  return out;
}

TEST(EmbedRows, SameBits) {
  for (const QuantType type :
       {QuantType::kF32, QuantType::kF16, QuantType::kBF16, QuantType::kQ4_0, QuantType::kQ4_1,
        QuantType::kQ8_0, QuantType::kQ4_K, QuantType::kQ6_K}) {
    const int64_t block = quant::traits(type).block_weights;
    for (const int64_t cols : block == 1    ? std::vector<int64_t>{1, 31, 32, 77, 256}
                              : block == 32 ? std::vector<int64_t>{32, 64, 576}
                                            : std::vector<int64_t>{256, 768}) {
      const int64_t vocab = 70;
      const auto weight = random_packed(type, vocab, cols);
      const std::vector<int32_t> ids = {0, 69, 31, 32, 15, 16, -1, 70, 47, 47, 1 << 30};
      for (const float scale : {1.0f, 33.941124f}) {
        expect_same<float>(
            KernelId::k_embed_rows, ids.size() * static_cast<size_t>(cols + 3),
            [&](float* out) {
              return EmbedRowsParams{.weight = weight.data(),
                                     .type = type,
                                     .ids = ids.data(),
                                     .rows = {.fixed = static_cast<int64_t>(ids.size())},
                                     .vocab = vocab,
                                     .dim = cols,
                                     .scale = scale,
                                     .out = out,
                                     .out_stride = cols + 3};
            },
            text(static_cast<int>(type), cols));
      }
    }
  }
}

}  // namespace
}  // namespace pio::kernels
