// SPDX-License-Identifier: Apache-2.0
#include <bit>

#include "pio/kernels/kernels.h"
#include "pio/kernels/scalar_math.h"

namespace pio::kernels {
namespace {

float sum_of(const float* x, int64_t dim) noexcept {
  Lanes sums;
  for (int64_t i = 0; i < dim; ++i) {
    sums.lane[static_cast<size_t>(i % 16)] += x[i];
  }
  return sums.sum();
}

// Index of the first value that `beats` all before it and that none after it beats.
template <class Beats>
int64_t best_index(int64_t dim, const Beats& beats) noexcept {
  int64_t best = 0;
  for (int64_t i = 1; i < dim; ++i) {
    best = beats(i, best) ? i : best;
  }
  return best;
}

int64_t largest(const float* x, int64_t dim) noexcept {
  return best_index(dim, [x](int64_t i, int64_t best) { return !(x[i] <= x[best]) && x[best] == x[best]; });
}

int64_t smallest(const float* x, int64_t dim) noexcept {
  return best_index(dim, [x](int64_t i, int64_t best) { return !(x[i] >= x[best]) && x[best] == x[best]; });
}

float as_index(int64_t index) noexcept { return std::bit_cast<float>(static_cast<int32_t>(index)); }

float reduced(ReduceOp op, const float* x, int64_t dim) noexcept {
  switch (op) {
    case ReduceOp::kSum:
      return sum_of(x, dim);
    case ReduceOp::kMean:
      return sum_of(x, dim) / static_cast<float>(dim);
    case ReduceOp::kMax:
      return x[largest(x, dim)];
    case ReduceOp::kMin:
      return x[smallest(x, dim)];
    case ReduceOp::kArgmax:
      return as_index(largest(x, dim));
    case ReduceOp::kArgmaxI32:
      return as_index(best_index(dim, [x](int64_t i, int64_t best) {
        return std::bit_cast<int32_t>(x[i]) > std::bit_cast<int32_t>(x[best]);
      }));
  }
  return 0.0f;
}

}  // namespace

void reduce_reference(const ReduceParams& p, int64_t begin, int64_t end) noexcept {
  for (int64_t r = begin; r < end; ++r) {
    p.out[r] = reduced(p.op, p.x + r * p.x_stride, p.dim);
  }
}

void cumsum_reference(const CumsumParams& p, int64_t begin, int64_t end) noexcept {
  for (int64_t r = begin; r < end; ++r) {
    const float* x = p.x + r * p.x_stride;
    float* out = p.out + r * p.out_stride;
    float sum = 0.0f;
    for (int64_t i = 0; i < p.dim; ++i) {
      sum += x[i];
      out[i] = sum;
    }
  }
}

}  // namespace pio::kernels
