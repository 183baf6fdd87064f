// SPDX-License-Identifier: Apache-2.0
// Values of reductions, softmax, cumsum, matmul, layer_norm and conv1d against loops in f64.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "pio/ops/ops.h"
#include "pio/plan/eval.h"

namespace pio::plan {
namespace {

using tensor::Tensor;
using Values = std::vector<float>;

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

Values wave(size_t count, size_t seed) {
  Values out(count);
  for (size_t i = 0; i < count; ++i) {
    out[i] = 0.01f * static_cast<float>(static_cast<int>((i * 37 + seed * 11) % 101) - 50);
  }
  return out;
}
Tensor wave(const Shape& shape, size_t seed = 0) {
  return Tensor(wave(static_cast<size_t>(shape.elements()), seed), shape);
}

void expect_near(const Values& got, const std::vector<double>& expected, double bound, const std::string& what) {
  ASSERT_EQ(got.size(), expected.size()) << what;
  for (size_t i = 0; i < got.size(); ++i) {
    EXPECT_NEAR(static_cast<double>(got[i]), expected[i], bound) << what << ", element " << i;
  }
}

// x: [3, 20, 5] as lanes along an axis; f gives the results of one lane.
using LaneFunction = std::function<std::vector<double>(const std::vector<double>&)>;

std::vector<double> by_lanes(const Values& x, int axis, const LaneFunction& f) {
  const size_t size[] = {3, 20, 5};
  const size_t n = size[axis];
  const size_t inner = axis == 0 ? 100 : axis == 1 ? 5 : 1;
  const size_t outer = 300 / n / inner;
  std::vector<double> out;
  for (size_t o = 0; o < outer; ++o) {
    std::vector<std::vector<double>> lanes;
    for (size_t i = 0; i < inner; ++i) {
      std::vector<double> lane;
      for (size_t k = 0; k < n; ++k) {
        lane.push_back(static_cast<double>(x[(o * n + k) * inner + i]));
      }
      lanes.push_back(f(lane));
    }
    for (size_t k = 0; k < lanes[0].size(); ++k) {
      for (const auto& lane : lanes) {
        out.push_back(lane[k]);
      }
    }
  }
  return out;
}

TEST(ReduceOps, EveryAxis) {
  const Values values = wave(300, 1);
  const Tensor x(values, {3, 20, 5});
  const auto total = [](const std::vector<double>& lane) {
    double out = 0;
    for (const double v : lane) {
      out += v;
    }
    return out;
  };
  for (int axis = 0; axis < 3; ++axis) {
    const auto expect = [&](const Tensor& got, double bound, const LaneFunction& f) {
      expect_near(to_list(got), by_lanes(values, axis, f), bound, "axis " + std::to_string(axis));
    };
    expect(ops::sum(x, axis), 1e-6, [&](const auto& lane) { return std::vector{total(lane)}; });
    expect(ops::mean(x, axis - 3, true), 1e-7,
           [&](const auto& lane) { return std::vector{total(lane) / static_cast<double>(lane.size())}; });
    expect(ops::max(x, axis), 0, [](const auto& lane) { return std::vector{*std::max_element(lane.begin(), lane.end())}; });
    expect(ops::min(x, axis), 0, [](const auto& lane) { return std::vector{*std::min_element(lane.begin(), lane.end())}; });
    expect(ops::argmax(x, axis), 0, [](const auto& lane) {
      return std::vector{static_cast<double>(std::max_element(lane.begin(), lane.end()) - lane.begin())};
    });
    expect(ops::softmax(x, axis), 1e-7, [&](const auto& lane) {
      std::vector<double> out = lane;
      for (double& v : out) {
        v = std::exp(v);
      }
      const double sum = total(out);
      for (double& v : out) {
        v /= sum;
      }
      return out;
    });
    expect(ops::cumsum(x, axis), 1e-6, [](const auto& lane) {
      std::vector<double> out = lane;
      for (size_t i = 1; i < out.size(); ++i) {
        out[i] += out[i - 1];
      }
      return out;
    });
  }
}

TEST(ReduceOps, SpecialValues) {
  const Tensor x(Values{1, kNan, 3, 3, -kInf, 3}, {2, 3});
  EXPECT_TRUE(std::isnan(to_list(ops::max(x, 1))[0]) && std::isnan(to_list(ops::min(x, 1))[0]));
  EXPECT_EQ(to_list(ops::max(x, 1))[1], 3.0f);
  EXPECT_EQ(to_list(ops::min(x, 1))[1], -kInf);
  EXPECT_EQ(to_list(ops::argmax(x, 1)), (Values{1, 0}));
  EXPECT_EQ(to_list(ops::max(Tensor(Values{kNan, 1}, {2}), 0)).size(), 1u);
  EXPECT_TRUE(std::isnan(item(ops::max(Tensor(Values{kNan, 1}, {2}), 0))));
  // Two numbers that are one in f32.
  EXPECT_EQ(item(ops::argmax(Tensor(std::vector<int32_t>{1 << 24, (1 << 24) + 1, -7}, {3}), 0)), 1.0f);
  EXPECT_EQ(to_list(ops::sum(Tensor::zeros({2, 0}), 1)), (Values{0, 0}));
  EXPECT_TRUE(std::isnan(item(ops::mean(Tensor::zeros({1, 0}), 1))));
  EXPECT_TRUE(to_list(ops::softmax(Tensor::zeros({2, 0}))).empty());
  EXPECT_TRUE(to_list(ops::cumsum(Tensor::zeros({2, 0}), 1)).empty());
  EXPECT_EQ(to_list(ops::softmax(Tensor(Values{0, -kInf, 0, 0}, {2, 2}), 0)), (Values{0.5f, 0, 0.5f, 1}));
  EXPECT_EQ(to_list(ops::sum(Tensor(Values{1, 2, 3, 4, 5, 6}, {2, 3}).slice_last(1, 3), 1)), (Values{5, 11}));
  EXPECT_EQ(item(ops::sum(ops::sum(wave({3, 4}), 0), 0) * 0.0f), 0.0f);
}

TEST(Matmul, BatchesBroadcast) {
  const auto at = [](const Tensor& x, int64_t batch, int64_t row, int64_t col) {
    return static_cast<double>(to_list(x)[static_cast<size_t>((batch * x.dim(-2).to_int() + row) * x.dim(-1).to_int() + col)]);
  };
  // Batches of the result, and which of a and b each takes.
  const auto expect = [&](const Shape& left, const Shape& right, int64_t batches, auto of_a, auto of_b) {
    const Tensor a = wave(left, 1);
    const Tensor b = wave(right, 2);
    std::vector<double> expected;
    for (int64_t i = 0; i < batches; ++i) {
      for (int64_t r = 0; r < a.dim(-2).to_int(); ++r) {
        for (int64_t c = 0; c < b.dim(-1).to_int(); ++c) {
          double sum = 0;
          for (int64_t k = 0; k < a.dim(-1).to_int(); ++k) {
            sum += at(a, of_a(i), r, k) * at(b, of_b(i), k, c);
          }
          expected.push_back(sum);
        }
      }
    }
    expect_near(to_list(ops::matmul(a, b)), expected, 1e-6, left.to_string() + " x " + right.to_string());
  };
  const auto first = [](int64_t) { return int64_t{0}; };
  const auto same = [](int64_t i) { return i; };
  expect({2, 3}, {3, 5}, 1, first, first);
  expect({1, 7}, {7, 1}, 1, first, first);
  expect({3, 2, 4}, {4, 5}, 3, same, first);
  expect({2, 4}, {3, 4, 2}, 3, first, same);
  expect({3, 2, 4}, {3, 4, 5}, 3, same, same);
  expect({3, 2, 4}, {1, 4, 2}, 3, same, first);
  expect({2, 1, 2, 3}, {3, 3, 2}, 6, [](int64_t i) { return i / 3; }, [](int64_t i) { return i % 3; });
  expect({2, 3}, {1, 1, 3, 2}, 1, first, first);
}

TEST(Matmul, GivesTheBitsOfLinear) {
  const Tensor x = wave({9, 70}, 3);
  const Tensor weight = wave({83, 70}, 4);
  EXPECT_EQ(to_list(ops::matmul(x, ops::transpose(weight, 0, 1))), to_list(ops::linear(x, weight)));
  const Tensor wide = wave({9, 80}, 3);
  EXPECT_EQ(to_list(ops::matmul(wide.slice_last(5, 75), ops::transpose(weight, 0, 1))),
            to_list(ops::linear(wide.slice_last(5, 75), weight)));
  EXPECT_EQ(to_list(ops::matmul(Tensor::ones({2, 0}), Tensor::ones({0, 3}))), Values(6, 0.0f));
}

TEST(LayerNorm, IsThatOfF64) {
  constexpr size_t kDim = 37;
  const Values x = wave(3 * kDim, 5);
  const Values weight = wave(kDim, 6);
  const Values bias = wave(kDim, 7);
  const auto reference = [&](bool has_weight, bool has_bias) {
    std::vector<double> out;
    for (size_t r = 0; r < 3; ++r) {
      double mean = 0;
      double variance = 0;
      for (size_t i = 0; i < kDim; ++i) {
        mean += static_cast<double>(x[r * kDim + i]) / kDim;
      }
      for (size_t i = 0; i < kDim; ++i) {
        variance += std::pow(static_cast<double>(x[r * kDim + i]) - mean, 2) / kDim;
      }
      for (size_t i = 0; i < kDim; ++i) {
        const double normed = (static_cast<double>(x[r * kDim + i]) - mean) / std::sqrt(variance + 1e-5);
        out.push_back(normed * (has_weight ? static_cast<double>(weight[i]) : 1.0) +
                      (has_bias ? static_cast<double>(bias[i]) : 0.0));
      }
    }
    return out;
  };
  const Tensor input(x, {3, 37});
  const Tensor w(weight, {37});
  const Tensor b(bias, {37});
  expect_near(to_list(ops::layer_norm(input, w, b)), reference(true, true), 1e-6, "both");
  expect_near(to_list(ops::layer_norm(input, w)), reference(true, false), 1e-6, "weight");
  expect_near(to_list(ops::layer_norm(input, std::nullopt, b)), reference(false, true), 1e-6, "bias");
  expect_near(to_list(ops::layer_norm(input)), reference(false, false), 1e-6, "neither");
  // Far from 0 one pass over sums of squares would have no digits left.
  expect_near(to_list(ops::layer_norm(Tensor(Values{10001, 10003}, {1, 2}))), {-0.999995, 0.999995}, 1e-6, "far");
  EXPECT_EQ(to_list(ops::layer_norm(input, w + w, b - 1.0f)),
            to_list(ops::layer_norm(input, Tensor(to_list(w + w), {37}), Tensor(to_list(b - 1.0f), {37}))));
}

struct Conv {
  int64_t stride, padding, dilation, groups;
};

TEST(Conv1d, IsTheSumOverItsTaps) {
  constexpr int64_t kBatch = 2;
  constexpr int64_t kChannels = 4;
  constexpr int64_t kLength = 11;
  constexpr int64_t kOut = 6;
  constexpr int64_t kKernel = 3;
  for (const Conv& c : {Conv{1, 0, 1, 1}, Conv{1, 1, 1, 1}, Conv{2, 1, 1, 2}, Conv{3, 4, 2, 1}, Conv{1, 2, 5, 2},
                        Conv{2, 12, 1, 1}}) {
    const int64_t inputs = kChannels / c.groups;
    const Values x = wave(kBatch * kChannels * kLength, 8);
    const Values w = wave(static_cast<size_t>(kOut * inputs * kKernel), 9);
    const Values bias = wave(kOut, 10);
    const int64_t out_length = (kLength + 2 * c.padding - c.dilation * (kKernel - 1) - 1) / c.stride + 1;
    std::vector<double> expected;
    for (int64_t b = 0; b < kBatch; ++b) {
      for (int64_t o = 0; o < kOut; ++o) {
        for (int64_t t = 0; t < out_length; ++t) {
          double sum = static_cast<double>(bias[static_cast<size_t>(o)]);
          for (int64_t i = 0; i < inputs; ++i) {
            for (int64_t j = 0; j < kKernel; ++j) {
              const int64_t from = t * c.stride + j * c.dilation - c.padding;
              const int64_t channel = o / (kOut / c.groups) * inputs + i;
              if (from >= 0 && from < kLength) {
                sum += static_cast<double>(x[static_cast<size_t>((b * kChannels + channel) * kLength + from)]) *
                       static_cast<double>(w[static_cast<size_t>((o * inputs + i) * kKernel + j)]);
              }
            }
          }
          expected.push_back(sum);
        }
      }
    }
    const Tensor got = ops::conv1d(Tensor(x, {kBatch, kChannels, kLength}), Tensor(w, {kOut, inputs, kKernel}),
                                   Tensor(bias, {kOut}), c.stride, c.padding, c.dilation, c.groups);
    expect_near(to_list(got), expected, 1e-6, "stride " + std::to_string(c.stride) + " dilation " + std::to_string(c.dilation));
  }
  const Tensor x = wave({1, 2, 8});
  EXPECT_EQ(to_list(ops::conv1d(x.slice_last(1, 6), Tensor::ones({1, 2, 1}))),
            to_list(ops::sum(x.slice_last(1, 6), 1)));
}

}  // namespace
}  // namespace pio::plan
