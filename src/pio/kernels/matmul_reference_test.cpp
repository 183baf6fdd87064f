// SPDX-License-Identifier: Apache-2.0
// The references of all matmuls against dequantized weights times dequantized activations in
// double.
#include <gtest/gtest.h>

#include <cmath>

#include "pio/kernels/kernels.h"
#include "pio/kernels/matmul_test_support.h"

namespace pio::kernels {
namespace {

using namespace testing_support;  // NOLINT(google-build-using-namespace): a test

constexpr int64_t kRows = 3;
constexpr int64_t kIn = 768;
constexpr int64_t kOut = 70;

std::vector<float> normal_floats(int64_t count, std::mt19937& random) {
  std::normal_distribution<float> normal;
  std::vector<float> out(static_cast<size_t>(count));
  std::generate(out.begin(), out.end(), [&] { return normal(random); });
  return out;
}

// What the kernel reads, and the values that it stands for.
struct Activations {
  std::vector<std::byte> bytes;
  int64_t stride_bytes = 0;
  std::vector<double> values;
};

Activations activations(std::optional<RowFormat> format, std::mt19937& random) {
  const std::vector<float> x = normal_floats(kRows * kIn, random);
  Activations out;
  out.stride_bytes = format ? row_bytes(*format, kIn) : kIn * 4;
  out.bytes.resize(static_cast<size_t>(kRows * out.stride_bytes));
  if (!format) {
    std::memcpy(out.bytes.data(), x.data(), out.bytes.size());
    out.values.assign(x.begin(), x.end());
    return out;
  }
  const QuantRowsParams p{.format = *format,
                          .x = x.data(),
                          .x_stride = kIn,
                          .rows = {.fixed = kRows},
                          .dim = kIn,
                          .out = out.bytes.data(),
                          .out_stride_bytes = out.stride_bytes};
  quant_rows_reference(p, 0, kRows);
  for (int64_t r = 0; r < kRows; ++r) {
    const std::byte* row = out.bytes.data() + r * out.stride_bytes;
    for (int64_t i = 0; i < kIn; ++i) {
      if (format == RowFormat::kBF16) {
        out.values.push_back(static_cast<double>(
            bf16_to_f32(f32_to_bf16(x[static_cast<size_t>(r * kIn + i)]))));
        continue;
      }
      ActivationBlock facts{};
      std::memcpy(&facts, row + activation_blocks_offset(kIn) + i / 32 * int64_t{sizeof(facts)},
                  sizeof(facts));
      out.values.push_back(static_cast<double>(static_cast<int8_t>(row[i])) *
                           static_cast<double>(facts.scale));
    }
  }
  return out;
}

class MatmulReference : public testing::TestWithParam<MatmulKernel> {};

TEST_P(MatmulReference, IsTheProductOfTheValues) {
  const auto [id, type] = GetParam();
  std::mt19937 random(3);
  const quant::QuantTraits& traits = quant::traits(type);
  std::vector<std::byte> file(static_cast<size_t>(quant::size_bytes(type, kOut * kIn)));
  std::vector<float> w = normal_floats(kOut * kIn, random);
  traits.quantize(w.data(), file.data(), kOut * kIn);
  traits.dequantize(file.data(), w.data(), kOut * kIn);
  const std::vector<std::byte> weight = packed(type, file, kOut, kIn);
  const Activations x = activations(row_format_of(type), random);
  std::vector<float> out(static_cast<size_t>(kRows * kOut));
  MatmulParams p{};
  p.weight = weight.data();
  p.out_features = kOut;
  p.in_features = kIn;
  p.x = x.bytes.data();
  p.x_stride_bytes = x.stride_bytes;
  p.rows = {.fixed = kRows};
  p.out = out.data();
  p.out_stride = kOut;
  const Kernel& reference = kernel(id, Isa::kReference);
  reference.run(&p, 0, reference.tasks(&p));
  // One rounding of the sum for each product or block of products, and a few of scales and weights.
  const double roundings = static_cast<double>(is_float(type) ? kIn : kIn / 32 + 8);
  for (int64_t r = 0; r < kRows; ++r) {
    for (int64_t n = 0; n < kOut; ++n) {
      double sum = 0;
      double size = 0;
      for (int64_t k = 0; k < kIn; ++k) {
        const double product = static_cast<double>(w[static_cast<size_t>(n * kIn + k)]) *
                               x.values[static_cast<size_t>(r * kIn + k)];
        sum += product;
        size += std::fabs(product);
      }
      // A tenth of the bound for the worst case: roundings go both ways.
      ASSERT_NEAR(out[static_cast<size_t>(r * kOut + n)], sum, 0.1 * roundings * size * 0x1p-24)
          << traits.name << " row " << r << " output " << n;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Types, MatmulReference, testing::ValuesIn(kMatmulKernels),
                         [](const auto& given) {
                           return std::string(quant::traits(given.param.type).name);
                         });

}  // namespace
}  // namespace pio::kernels
