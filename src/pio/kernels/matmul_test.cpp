// SPDX-License-Identifier: Apache-2.0
// Every matmul of every instruction set against the scalar reference, bit for bit: formats x row
// counts x shapes x epilogues x task ranges. A NaN's sign and payload are free (they hang on
// operand order).
#include <gtest/gtest.h>

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

Activations random_activations(bool quantized, int64_t dim, std::mt19937& random) {
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
  out.stride_bytes = quantized ? activation_row_bytes(dim) + 64 : (dim + 3) * 4;
  out.bytes.resize(static_cast<size_t>(kMaxRows * out.stride_bytes));
  if (quantized) {
    const QuantRowsParams p = {.x = x.data(),
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

// Index of the first 4-byte word that differs, or -1; is_f32(word of the row) tells where any NaN
// will do.
template <class IsF32>
int64_t first_difference(const Output& a, const Output& b, const IsF32& is_f32) {
  for (size_t at = 0; at < a.bytes.size(); at += 4) {
    float x = 0;
    float y = 0;
    std::memcpy(&x, a.bytes.data() + at, 4);
    std::memcpy(&y, b.bytes.data() + at, 4);
    const bool both_nan = std::isnan(x) && std::isnan(y);
    if (std::memcmp(&x, &y, 4) != 0 &&
        !(both_nan && is_f32(static_cast<int64_t>(at) % a.stride / 4))) {
      return static_cast<int64_t>(at / 4);
    }
  }
  return -1;
}

struct Shape {
  int64_t out_features, in_features;
  Epilogue epilogue = Epilogue::kStore;
  bool bias = false, residual = false;
  bool tasks_apart = false;  ///< one call per task, last first
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
      return {activation_row_bytes(shape.out_features / 2), 64};
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
  const Activations x = random_activations(!is_float(type), shape.in_features, random_);
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
  const auto is_f32 =
      [&](int64_t word) {  // an activation row has f32 as words 0 and 1 of its facts
        const int64_t facts = activation_blocks_offset(shape.out_features / 2) / 4;
        return shape.epilogue != Epilogue::kSwiGluQuant ||
               (word >= facts && (word - facts) % 4 < 2);
      };
  for (const Isa isa : {Isa::kAvx2, Isa::kAvxVnni, Isa::kAvx512}) {
    const Kernel& fast = kernel(GetParam().id, isa);
    if (fast.isa != isa || !is_available(isa)) {
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
      const int64_t at = first_difference(expected.head(rows), got, is_f32);
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
    check({.out_features = out_features, .in_features = 256, .epilogue = Epilogue::kSwiGluQuant});
  }
}

TEST_P(Matmul, TasksStandAlone) {
  check({.out_features = 100, .in_features = 256, .tasks_apart = true});
  check({.out_features = 256,
         .in_features = 256,
         .epilogue = Epilogue::kSwiGluQuant,
         .tasks_apart = true});
}

INSTANTIATE_TEST_SUITE_P(Types, Matmul,
                         testing::ValuesIn(kMatmulKernels),
                         [](const auto& given) {
                           return std::string(quant::traits(given.param.type).name);
                         });

}  // namespace
}  // namespace pio::kernels
