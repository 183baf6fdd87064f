// SPDX-License-Identifier: Apache-2.0
// Every matmul of every instruction set against the scalar reference, bit for bit: formats x row
// counts x shapes x epilogues x task ranges. A NaN's sign and payload are free (they hang on
// operand order).
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "pio/kernels/kernels.h"
#include "pio/kernels/matmul_test_support.h"

namespace pio::kernels {
namespace {

using namespace testing_support;  // NOLINT(google-build-using-namespace): a test
using quant::QuantType;

constexpr int64_t kMaxRows = 64;
constexpr std::byte kGuard{0xa5};

std::vector<float> random_floats(int64_t count, std::mt19937& random) {
  std::normal_distribution<float> normal;
  std::vector<float> values(static_cast<size_t>(count));
  for (float& value : values) {
    value = normal(random);
  }
  return values;
}

// Activation rows, or f32 rows, with one odd block in each of a few rows.
struct Activations {
  std::vector<std::byte> bytes;
  int64_t stride_bytes = 0;
};

Activations random_activations(std::optional<RowFormat> format, int64_t dim, std::mt19937& random) {
  std::vector<float> x = random_floats(kMaxRows * dim, random);
  const auto fill = [&](int64_t row, int64_t begin, int64_t count, float value) {
    for (int64_t i = begin; i < std::min(begin + count, dim); ++i) {
      x[static_cast<size_t>(row * dim + i)] = value;
    }
  };
  fill(0, 0, 32, 0.0f);
  fill(1, 7, 1, 3e4f);
  fill(2, 0, 32, -2e-38f);  // 127 / max overflows: every value becomes -128
  fill(3, 9, 1, std::numeric_limits<float>::quiet_NaN());
  fill(4, 20, 1, std::numeric_limits<float>::infinity());
  fill(6, 0, dim, 0.0f);
  fill(7, 0, dim, -1.0f);
  fill(12, dim - 1, 1, -1e20f);
  Activations out;
  out.stride_bytes = format ? row_bytes(*format, dim) + 64 : (dim + 3) * 4;
  out.bytes.resize(static_cast<size_t>(kMaxRows * out.stride_bytes));
  if (format) {
    const QuantRowsParams p = {.format = *format,
                               .x = x.data(),
                               .x_stride = dim,
                               .rows = {.fixed = kMaxRows},
                               .dim = dim,
                               .out = out.bytes.data(),
                               .out_stride_bytes = out.stride_bytes};
    quant_rows_reference(p, 0, kMaxRows);
    return out;
  }
  for (int64_t r = 0; r < kMaxRows; ++r) {
    std::memcpy(out.bytes.data() + r * out.stride_bytes, x.data() + r * dim,
                static_cast<size_t>(dim) * 4);
  }
  return out;
}

// What a case writes: `rows` rows of `width` bytes, `stride` apart, guard bytes between and around.
struct Output {
  std::vector<std::byte> bytes;
  int64_t stride;
  int64_t width;
  Output(int64_t width_bytes, int64_t gap)
      : bytes(static_cast<size_t>((kMaxRows + 2) * (width_bytes + gap)), kGuard),
        stride(width_bytes + gap),
        width(width_bytes) {}
  std::byte* begin() { return bytes.data() + stride; }
  // This output, cut to its first `rows` rows.
  [[nodiscard]] Output head(int64_t rows) const {
    Output out = *this;
    std::fill(out.bytes.begin() + stride * (rows + 1), out.bytes.end(), kGuard);
    return out;
  }
};

// Index of the first 4-byte word that differs, or -1; same(x, y, word of the row) tells of two that
// are not equal whether they may pass.
template <class Same>
int64_t first_difference(const Output& a, const Output& b, const Same& same) {
  for (size_t at = 0; at < a.bytes.size(); at += 4) {
    uint32_t x = 0;
    uint32_t y = 0;
    std::memcpy(&x, a.bytes.data() + at, 4);
    std::memcpy(&y, b.bytes.data() + at, 4);
    if (x != y && !same(x, y, static_cast<int64_t>(at) % a.stride / 4)) {
      return static_cast<int64_t>(at / 4);
    }
  }
  return -1;
}

bool both_nan(uint32_t x, uint32_t y) {
  return std::isnan(std::bit_cast<float>(x)) && std::isnan(std::bit_cast<float>(y));
}

struct Shape {
  int64_t out_features, in_features;
  Epilogue epilogue = Epilogue::kStore;
  bool bias = false, residual = false;
  bool tasks_apart = false;  ///< one call per task, last first
  RowFormat out_format = RowFormat::kQ8;
};

class Matmul : public testing::TestWithParam<MatmulKernel> {
 protected:
  void check(const Shape& shape);
  static Output make_output(const Shape& shape);
  void compare(const Shape& shape, MatmulParams p, const Output& expected);

  std::mt19937 random_{7};
};

Output Matmul::make_output(const Shape& shape) {
  switch (shape.epilogue) {
    case Epilogue::kStore:
      return {shape.out_features * 4, 20};
    case Epilogue::kSwiGlu:
      return {shape.out_features / 2 * 4, 20};
    case Epilogue::kSwiGluQuant:
      return {row_bytes(shape.out_format, shape.out_features / 2), 64};
  }
  return {0, 0};
}

void point_to(Output& output, MatmulParams& p) {
  p.out = reinterpret_cast<float*>(output.begin());
  p.out_stride = output.stride / 4;
  p.out_quant = output.begin();
  p.out_quant_stride_bytes = output.stride;
}

void Matmul::check(const Shape& shape) {
  const int64_t out_features = shape.out_features;
  const auto [id, type] = GetParam();
  const std::vector<std::byte> weight =
      random_weight(type, out_features, shape.in_features, random_);
  const Activations x = random_activations(row_format_of(type), shape.in_features, random_);
  const std::vector<float> bias = random_floats(out_features, random_);
  const int64_t residual_stride = out_features + 1;
  const std::vector<float> residual = random_floats(kMaxRows * residual_stride, random_);
  MatmulParams p{};
  p.weight = weight.data();
  p.out_features = out_features;
  p.in_features = shape.in_features;
  p.x = x.bytes.data();
  p.x_stride_bytes = x.stride_bytes;
  p.rows = {.fixed = kMaxRows};
  p.epilogue = shape.epilogue;
  p.out_format = shape.out_format;
  p.bias = shape.bias ? bias.data() : nullptr;
  p.residual = shape.residual ? residual.data() : nullptr;
  p.residual_stride = residual_stride;
  Output expected = make_output(shape);
  point_to(expected, p);
  const Kernel& reference = kernel(id, Isa::kReference);
  reference.run(&p, 0, reference.tasks(&p));
  compare(shape, p, expected);
}

void Matmul::compare(const Shape& shape, MatmulParams p, const Output& expected) {
  // Any NaN will do for a NaN. An activation row has f32 as words 0 and 1 of its facts.
  const auto same = [&](uint32_t a, uint32_t b, int64_t word) {
    if (shape.epilogue != Epilogue::kSwiGluQuant) {
      return both_nan(a, b);
    }
    if (shape.out_format == RowFormat::kBF16) {
      return (a >> 16 == b >> 16 || both_nan(a & 0xffff0000u, b & 0xffff0000u)) &&
             (a << 16 == b << 16 || both_nan(a << 16, b << 16));
    }
    const int64_t facts = activation_blocks_offset(shape.out_features / 2) / 4;
    return word >= facts && (word - facts) % 4 < 2 && both_nan(a, b);
  };
  for (const Isa isa : kIsas) {
    const Kernel& fast = kernel(GetParam().id, isa);
    if (isa == Isa::kReference || fast.isa != isa || !is_available(isa)) {
      continue;
    }
    for (const int64_t rows : {1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 33, 64}) {
      p.rows.fixed = rows;
      Output got = make_output(shape);
      point_to(got, p);
      const int64_t tasks = fast.tasks(&p);
      const int64_t step = shape.tasks_apart ? 1 : tasks;
      for (int64_t end = tasks; end > 0; end -= step) {
        fast.run(&p, end - step, end);
      }
      const int64_t at = first_difference(expected.head(rows), got, same);
      const int64_t row_words = got.stride / 4;
      ASSERT_EQ(at, -1) << fast.name << " " << name(isa) << " rows " << rows << " shape "
                        << shape.out_features << "x" << shape.in_features << " epilogue "
                        << static_cast<int>(shape.epilogue) << ": row " << at / row_words - 1
                        << " word " << at % row_words;
    }
  }
}

TEST_P(Matmul, GivesTheBitsOfTheReference) {
  for (const int64_t in_features : {32, 96, 256, 576}) {
    for (const int64_t out_features : {32, 37, 64, 100}) {
      if (in_features % quant::traits(GetParam().type).block_weights == 0) {
        check({.out_features = out_features, .in_features = in_features});
      }
    }
  }
  if (is_float(GetParam().type)) {  // these take any width
    for (const int64_t in_features : {1, 7, 33, 77}) {
      check({.out_features = 37, .in_features = in_features});
    }
  }
  check({.out_features = 37, .in_features = 1536});
  check({.out_features = 512, .in_features = 256});
}

TEST_P(Matmul, AddsBiasAndResidual) {
  for (const int64_t out_features : {64, 100}) {
    for (const bool bias : {false, true}) {
      check({.out_features = out_features, .in_features = 256, .bias = bias, .residual = !bias});
    }
    check({.out_features = out_features, .in_features = 256, .bias = true, .residual = true});
  }
}

TEST_P(Matmul, SwiGlu) {
  for (const int64_t out_features : {64, 100, 128}) {
    check({.out_features = out_features, .in_features = 256, .epilogue = Epilogue::kSwiGlu});
  }
}

TEST_P(Matmul, SwiGluQuantized) {
  for (const int64_t out_features : {64, 192}) {
    for (const RowFormat format : {RowFormat::kQ8, RowFormat::kBF16}) {
      check({.out_features = out_features,
             .in_features = 256,
             .epilogue = Epilogue::kSwiGluQuant,
             .out_format = format});
    }
  }
}

TEST_P(Matmul, TasksStandAlone) {
  check({.out_features = 100, .in_features = 256, .tasks_apart = true});
  check({.out_features = 256,
         .in_features = 256,
         .epilogue = Epilogue::kSwiGluQuant,
         .tasks_apart = true});
}

// vdpbf16ps takes and gives no subnormals; the smallest products and sums meet that edge.
TEST(MatmulBF16, SubnormalsAreZero) {
  constexpr int64_t kIn = 34;
  std::mt19937 random(5);
  std::vector<uint16_t> file(kStripRows * kIn);
  std::vector<float> x(8 * kIn);
  const auto exponent = [&] { return random() % 4 == 0 ? uint32_t{0} : static_cast<uint32_t>(55 + random() % 10); };
  for (auto& bits : file) {
    bits = static_cast<uint16_t>((random() & 0x807fu) | exponent() << 7);
  }
  for (auto& value : x) {
    value = std::bit_cast<float>(static_cast<uint32_t>(random() & 0x807fffffu) | exponent() << 23);
  }
  std::vector<std::byte> bytes(file.size() * 2);
  std::memcpy(bytes.data(), file.data(), bytes.size());
  const std::vector<std::byte> weight = packed(QuantType::kBF16, bytes, kStripRows, kIn);
  const int64_t stride = row_bytes(RowFormat::kBF16, kIn);
  std::vector<std::byte> rows(static_cast<size_t>(8 * stride));
  quant_rows_reference({.format = RowFormat::kBF16,
                        .x = x.data(),
                        .x_stride = kIn,
                        .rows = {.fixed = 8},
                        .dim = kIn,
                        .out = rows.data(),
                        .out_stride_bytes = stride},
                       0, 8);
  const auto run = [&](Isa isa) {
    std::vector<float> out(8 * kStripRows);
    MatmulParams p{};
    p.weight = weight.data();
    p.out_features = kStripRows;
    p.in_features = kIn;
    p.x = rows.data();
    p.x_stride_bytes = stride;
    p.rows = {.fixed = 8};
    p.out = out.data();
    p.out_stride = kStripRows;
    kernel(KernelId::k_matmul_bf16, isa).run(&p, 0, 1);
    return out;
  };
  const std::vector<float> expected = run(Isa::kReference);
  EXPECT_TRUE(std::ranges::none_of(expected, [](float v) { return std::fpclassify(v) == FP_SUBNORMAL; }));
  EXPECT_TRUE(std::ranges::any_of(expected, [](float v) { return v != 0 && std::fabs(v) < 1e-36f; }));
  for (const Isa isa : kIsas) {
    if (is_available(isa)) {
      const std::vector<float> got = run(isa);
      EXPECT_EQ(std::memcmp(got.data(), expected.data(), got.size() * sizeof(float)), 0) << name(isa);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Types, Matmul,
                         testing::ValuesIn(kMatmulKernels),
                         [](const auto& given) {
                           return std::string(quant::traits(given.param.type).name);
                         });

}  // namespace
}  // namespace pio::kernels
