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

TEST(QuantRows, SameBits) {
  for (const int64_t dim : {32, 64, 96, 352, 576, 1024}) {
    for (const int64_t rows : kRows) {
      const auto x = hard_blocks(rows, dim + 7);
      const int64_t stride = activation_row_bytes(dim) + 64;
      expect_same<uint8_t>(
          KernelId::k_quant_rows, static_cast<size_t>(rows * stride),
          [&](uint8_t* out) {
            return QuantRowsParams{.x = x.data(),
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

TEST(RmsNormQuant, SameBitsAndEqualToItsParts) {
  for (const int64_t dim : {32, 96, 576, 1024}) {
    for (const int64_t rows : kRows) {
      const auto x = random_floats(static_cast<size_t>(rows * dim + 1), 4, 3.0f);
      const auto weight = random_floats(static_cast<size_t>(dim), 5);
      const int64_t stride = activation_row_bytes(dim);
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
              return RmsNormQuantParams{.norm = norm,
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
        const QuantRowsParams quant{.x = normed.data(),
                                    .x_stride = dim,
                                    .rows = {.fixed = rows},
                                    .dim = dim,
                                    .out = reinterpret_cast<std::byte*>(parts.data()),
                                    .out_stride_bytes = stride};
        run_split(kernel(KernelId::k_quant_rows, Isa::kReference), &quant, 0);
        const RmsNormQuantParams both{.norm = norm,
                                      .out = reinterpret_cast<std::byte*>(fused.data()),
                                      .out_stride_bytes = stride};
        run_split(kernel(KernelId::k_rms_norm_quant, Isa::kReference), &both, 0);
        ASSERT_TRUE(same_bits(parts, fused));
      }
    }
  }
}

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

}  // namespace
}  // namespace pio::kernels
