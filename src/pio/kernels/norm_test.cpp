// SPDX-License-Identifier: Apache-2.0
// rms_norm, rms_norm_quant, quant_rows, element and softmax: each version against the reference.
#include <limits>

#include "pio/kernels/kernel_test_support.h"
#include "pio/kernels/params.h"

namespace pio::kernels {
namespace {

using namespace testing_support;  // NOLINT(google-build-using-namespace): a test

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();
const std::vector<int64_t> kDims = {1, 2, 15, 16, 17, 31, 33, 64, 100, 576, 1027, 2048};
const std::vector<int64_t> kRows = {0, 1, 2, 5, 9};

TEST(RmsNorm, SameBits) {
  for (const int64_t dim : kDims) {
    for (const int64_t rows : kRows) {
      const auto x = random_floats(static_cast<size_t>(rows * (dim + 3) + 1), 1);
      const auto weight = random_floats(static_cast<size_t>(dim), 2);
      for (const bool weighted : {true, false}) {
        expect_same<float>(
            KernelId::k_rms_norm, static_cast<size_t>(rows * (dim + 5)),
            [&](float* out) {
              return RmsNormParams{.x = x.data(),
                                   .x_stride = dim + 3,
                                   .weight = weighted ? weight.data() : nullptr,
                                   .eps = 1e-5f,
                                   .rows = {.fixed = rows},
                                   .dim = dim,
                                   .out = out,
                                   .out_stride = dim + 5};
            },
            text(dim, rows));
      }
    }
  }
}

// Values that try the roundings: ties, saturation, zeros, denormals, infinities and NaN.
std::vector<float> hard_blocks(int64_t rows, int64_t stride) {
  auto x = random_floats(static_cast<size_t>(rows * stride + 1), 3);
  for (size_t i = 0; i < x.size(); ++i) {
    const size_t block = i / 32 % 11;
    x[i] = block == 1   ? 0.0f
           : block == 3 ? static_cast<float>(static_cast<int>(i % 32) - 16) * 0.5f
           : block == 5 ? x[i] * 1e-40f
           : block == 7 ? x[i] * 1e37f
                        : x[i];
    x[i] = block == 9 && i % 32 == 5 ? kNan : x[i];
    x[i] = block == 10 && i % 32 == 20 ? -kInf : x[i];
  }
  return x;
}

void expect_same_rows(RowFormat format, std::initializer_list<int64_t> dims) {
  for (const int64_t dim : dims) {
    for (const int64_t rows : kRows) {
      const auto x = hard_blocks(rows, dim + 7);
      const int64_t stride = row_bytes(format, dim) + 64;
      expect_same<uint8_t>(
          KernelId::k_quant_rows, static_cast<size_t>(rows * stride),
          [&](uint8_t* out) {
            return QuantRowsParams{.format = format,
                                   .x = x.data(),
                                   .x_stride = dim + 7,
                                   .rows = {.fixed = rows},
                                   .dim = dim,
                                   .out = reinterpret_cast<std::byte*>(out),
                                   .out_stride_bytes = stride};
          },
          text(dim, rows));
    }
  }
}

TEST(QuantRows, SameBits) {
  expect_same_rows(RowFormat::kQ8, {32, 64, 96, 352, 576, 1024});
  expect_same_rows(RowFormat::kBF16, {1, 7, 15, 16, 17, 32, 33, 48, 63, 576, 1023});
}

class RmsNormQuant : public testing::TestWithParam<RowFormat> {};

TEST_P(RmsNormQuant, SameBitsAndEqualToItsParts) {
  const RowFormat format = GetParam();
  for (const int64_t dim : {32, 96, 576, 1024}) {
    for (const int64_t rows : kRows) {
      const auto x = random_floats(static_cast<size_t>(rows * dim + 1), 4, 3.0f);
      const auto weight = random_floats(static_cast<size_t>(dim), 5);
      const int64_t stride = row_bytes(format, dim);
      for (const bool weighted : {true, false}) {
        const RmsNormParams norm{.x = x.data(),
                                 .x_stride = dim,
                                 .weight = weighted ? weight.data() : nullptr,
                                 .eps = 1e-6f,
                                 .rows = {.fixed = rows},
                                 .dim = dim,
                                 .out = nullptr,
                                 .out_stride = dim};
        expect_same<uint8_t>(
            KernelId::k_rms_norm_quant, static_cast<size_t>(rows * stride),
            [&](uint8_t* out) {
              return RmsNormQuantParams{.format = format,
                                        .norm = norm,
                                        .out = reinterpret_cast<std::byte*>(out),
                                        .out_stride_bytes = stride};
            },
            text(dim, rows));
        std::vector<float> normed(static_cast<size_t>(rows * dim));
        std::vector<uint8_t> parts(static_cast<size_t>(rows * stride));
        std::vector<uint8_t> fused = parts;
        RmsNormParams whole = norm;
        whole.out = normed.data();
        run_split(kernel(KernelId::k_rms_norm, Isa::kReference), &whole, 0);
        const QuantRowsParams quant{.format = format,
                                    .x = normed.data(),
                                    .x_stride = dim,
                                    .rows = {.fixed = rows},
                                    .dim = dim,
                                    .out = reinterpret_cast<std::byte*>(parts.data()),
                                    .out_stride_bytes = stride};
        run_split(kernel(KernelId::k_quant_rows, Isa::kReference), &quant, 0);
        const RmsNormQuantParams both{.format = format,
                                      .norm = norm,
                                      .out = reinterpret_cast<std::byte*>(fused.data()),
                                      .out_stride_bytes = stride};
        run_split(kernel(KernelId::k_rms_norm_quant, Isa::kReference), &both, 0);
        ASSERT_TRUE(same_bits(parts, fused));
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, RmsNormQuant, testing::Values(RowFormat::kQ8, RowFormat::kBF16));

TEST(Element, SameBits) {
  for (const ElementOp op :
       {ElementOp::kAdd, ElementOp::kMul, ElementOp::kSilu, ElementOp::kSiluMul}) {
    for (const int64_t dim : kDims) {
      for (const int64_t rows : {0, 1, 3}) {
        auto a = random_floats(static_cast<size_t>(rows * (dim + 2) + 1), 6, 10.0f);
        a[0] = kNan;
        a[a.size() / 2] = kInf;
        a.back() = -200.0f;
        const auto b = random_floats(static_cast<size_t>(rows * (dim + 1) + dim), 7);
        for (const int64_t b_stride : {dim + 1, int64_t{0}}) {
          expect_same<float>(
              KernelId::k_element, static_cast<size_t>(rows * (dim + 4)),
              [&](float* out) {
                return ElementParams{.op = op,
                                     .a = a.data(),
                                     .a_stride = dim + 2,
                                     .b = op == ElementOp::kSilu ? nullptr : b.data(),
                                     .b_stride = b_stride,
                                     .rows = {.fixed = rows},
                                     .dim = dim,
                                     .out = out,
                                     .out_stride = dim + 4};
              },
              text(static_cast<int>(op), dim, rows));
        }
      }
    }
  }
}

TEST(Softmax, SameBits) {
  for (const int64_t dim : kDims) {
    for (const int64_t rows : {0, 1, 6}) {
      auto x = random_floats(static_cast<size_t>(rows * (dim + 2) + 1), 8, 8.0f);
      for (int64_t r = 0; r < rows; ++r) {
        float* row = x.data() + r * (dim + 2);
        row[0] = r == 1 ? kNan : r == 5 ? -kInf : row[0];
        row[dim - 1] = r == 2 ? kNan : r == 3 ? -kInf : r == 4 ? kInf : row[dim - 1];
      }
      expect_same<float>(
          KernelId::k_softmax, static_cast<size_t>(rows * (dim + 1)),
          [&](float* out) {
            return SoftmaxParams{.x = x.data(),
                                 .x_stride = dim + 2,
                                 .rows = {.fixed = rows},
                                 .dim = dim,
                                 .out = out,
                                 .out_stride = dim + 1};
          },
          text(dim, rows));
    }
  }
}

// Softmax in double. An f32 score less the maximum is off by half a unit in its last place at most.
TEST(Softmax, ReferenceIsSoftmax) {
  const int64_t dim = 300;
  auto x = random_floats(static_cast<size_t>(dim), 9, 8.0f);
  x[7] = -kInf;
  std::vector<float> out(x.size());
  const SoftmaxParams p{.x = x.data(),
                        .x_stride = dim,
                        .rows = {.fixed = 1},
                        .dim = dim,
                        .out = out.data(),
                        .out_stride = dim};
  run_split(kernel(KernelId::k_softmax, Isa::kReference), &p, 0);
  const double max = static_cast<double>(*std::max_element(x.begin(), x.end()));
  double sum = 0;
  for (const float v : x) {
    sum += std::exp(static_cast<double>(v) - max);
  }
  for (size_t i = 0; i < x.size(); ++i) {
    const double below = max - static_cast<double>(x[i]);
    if (below > 80) {
      continue;  // exp_f32 stops at e^-87
    }
    const double expected = std::exp(-below) / sum;
    EXPECT_NEAR(out[i], expected, expected * (below + 32) * 0x1p-24) << i;
  }
  EXPECT_EQ(out[7], 0.0f);
}

TEST(Softmax, MinusInfinityGetsExactlyNothing) {
  const std::vector<float> x = {0.0f, -kInf, -kInf, 0.0f};
  std::vector<float> out(4);
  const SoftmaxParams p{
      .x = x.data(), .x_stride = 4, .rows = {.fixed = 1}, .dim = 4, .out = out.data(), .out_stride = 4};
  for (const Isa isa : {Isa::kReference, best_isa()}) {
    run_split(kernel(KernelId::k_softmax, isa), &p, 0);
    EXPECT_EQ(out, (std::vector<float>{0.5f, 0.0f, 0.0f, 0.5f})) << name(isa);
  }
}

TEST(RmsNorm, ReferenceIsTheNorm) {
  for (const int64_t dim : kDims) {
    const auto x = random_floats(static_cast<size_t>(dim), 11, 3.0f);
    const auto weight = random_floats(static_cast<size_t>(dim), 12);
    std::vector<float> out(x.size());
    const RmsNormParams p{.x = x.data(),
                          .x_stride = dim,
                          .weight = weight.data(),
                          .eps = 1e-5f,
                          .rows = {.fixed = 1},
                          .dim = dim,
                          .out = out.data(),
                          .out_stride = dim};
    run_split(kernel(KernelId::k_rms_norm, Isa::kReference), &p, 0);
    double squares = 0;
    for (const float v : x) {
      squares += static_cast<double>(v) * static_cast<double>(v);
    }
    const double rms = std::sqrt(squares / static_cast<double>(dim) + static_cast<double>(p.eps));
    const double bound = static_cast<double>(dim / 16 + 8) * 0x1p-24;
    for (size_t i = 0; i < x.size(); ++i) {
      const double expected = static_cast<double>(x[i]) / rms * static_cast<double>(weight[i]);
      EXPECT_NEAR(out[i], expected, std::fabs(expected) * bound) << dim << " " << i;
    }
  }
}

TEST(QuantRows, ReferenceOfBF16HasTheEarlierOfTwoInTheHighHalf) {
  const float x[] = {1.0f, -2.0f, 1.00390625f, 1.01171875f, 3.0f};  // the third and fourth: ties
  std::vector<uint32_t> words(16, 0xffffffffu);
  const QuantRowsParams p{.format = RowFormat::kBF16,
                          .x = x,
                          .x_stride = 5,
                          .rows = {.fixed = 1},
                          .dim = 5,
                          .out = reinterpret_cast<std::byte*>(words.data()),
                          .out_stride_bytes = row_bytes(RowFormat::kBF16, 5)};
  run_split(kernel(KernelId::k_quant_rows, Isa::kReference), &p, 0);
  std::vector<uint32_t> expected(16, 0);
  expected[0] = 0x3f80c000u;
  expected[1] = 0x3f803f82u;
  expected[2] = 0x40400000u;
  EXPECT_EQ(words, expected);
}

TEST(QuantRows, ReferenceRoundsToTheNearestStep) {
  const auto x = random_floats(256, 13, 2.0f);
  std::vector<std::byte> row(static_cast<size_t>(activation_row_bytes(256)));
  const QuantRowsParams p{.format = RowFormat::kQ8,
                          .x = x.data(),
                          .x_stride = 256,
                          .rows = {.fixed = 1},
                          .dim = 256,
                          .out = row.data(),
                          .out_stride_bytes = activation_row_bytes(256)};
  run_split(kernel(KernelId::k_quant_rows, Isa::kReference), &p, 0);
  for (size_t b = 0; b < 8; ++b) {
    ActivationBlock facts{};
    std::memcpy(&facts, row.data() + activation_blocks_offset(256) + b * sizeof(facts), sizeof(facts));
    const auto scale = static_cast<double>(facts.scale);
    int sum = 0;
    for (size_t i = 32 * b; i < 32 * b + 32; ++i) {
      const auto q = static_cast<int8_t>(row[i]);
      sum += q;
      EXPECT_NEAR(q * scale, static_cast<double>(x[i]), scale * 0.50002) << i;
    }
    EXPECT_EQ(facts.offset, -8 * sum);
    EXPECT_EQ(facts.scale_sum, facts.scale * static_cast<float>(sum));
  }
}

}  // namespace
}  // namespace pio::kernels
