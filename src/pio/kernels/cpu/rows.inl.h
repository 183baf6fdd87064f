// SPDX-License-Identifier: Apache-2.0
// Norms, activation quantizing, element-wise operations, softmax and products of computed matrices: the
// arithmetic of reference/norm.cpp, quantize.cpp, element.cpp and batch_matmul.cpp. Included once per instruction set, after its
// simd16_<isa>.h.
#pragma once

#include "pio/kernels/cpu/norm.inl.h"
#include "pio/kernels/kernels.h"

namespace pio::kernels {
namespace {

void rms_norm_rows(const RmsNormParams& p, int64_t begin, int64_t end) noexcept {
  for (int64_t r = begin; r < end; ++r) {
    norm_row(p.x + r * p.x_stride, p.weight, p.eps, p.dim, p.out + r * p.out_stride);
  }
}

void round_rows(const QuantRowsParams& p, int64_t begin, int64_t end) noexcept {
  for (int64_t r = begin; r < end; ++r) {
    const float* x = p.x + r * p.x_stride;
    std::byte* out = p.out + r * p.out_stride_bytes;
    for (int64_t i = 0; i < p.dim; i += 32) {
      for (int64_t half = i; half < i + 32; half += 16) {
        const int64_t left = p.dim - half;
        const V16 part = left >= 16  ? load(x + half)
                         : left > 0 ? load_part(x + half, left)
                                    : broadcast(0.0f);
        round_to_bf16(part, out + half * 2);
      }
    }
  }
}

void quant_rows_of(const QuantRowsParams& p, int64_t begin, int64_t end) noexcept {
  if (p.format == RowFormat::kBF16) {
    return round_rows(p, begin, end);
  }
  for (int64_t r = begin; r < end; ++r) {
    const float* x = p.x + r * p.x_stride;
    std::byte* values = p.out + r * p.out_stride_bytes;
    std::byte* facts = values + activation_blocks_offset(p.dim);
    for (int64_t i = 0; i < p.dim; i += 32, facts += sizeof(ActivationBlock)) {
      quant_block(load(x + i), load(x + i + 16), values + i, facts);
    }
  }
}

void rms_norm_quant_rows(const RmsNormQuantParams& p, int64_t begin, int64_t end) noexcept {
  const RmsNormParams& norm = p.norm;
  for (int64_t r = begin; r < end; ++r) {
    const float* x = norm.x + r * norm.x_stride;
    std::byte* values = p.out + r * p.out_stride_bytes;
    std::byte* facts = values + activation_blocks_offset(norm.dim);
    const V16 inverse = broadcast(inverse_rms(x, norm.dim, norm.eps));
    for (int64_t i = 0; i < norm.dim; i += 32, facts += sizeof(ActivationBlock)) {
      V16 low = mul(load(x + i), inverse);
      V16 high = mul(load(x + i + 16), inverse);
      if (norm.weight != nullptr) {
        low = mul(low, load(norm.weight + i));
        high = mul(high, load(norm.weight + i + 16));
      }
      if (p.format == RowFormat::kQ8) {
        quant_block(low, high, values + i, facts);
      } else {
        round_to_bf16(low, values + i * 2);
        round_to_bf16(high, values + i * 2 + 32);
      }
    }
  }
}

template <ElementOp kOp>
[[gnu::always_inline]] inline V16 element_of(V16 a, V16 b) noexcept {
  if constexpr (kOp == ElementOp::kAdd) {
    return add(a, b);
  } else if constexpr (kOp == ElementOp::kMul) {
    return mul(a, b);
  } else if constexpr (kOp == ElementOp::kSilu) {
    return silu(a);
  } else {
    return mul(silu(a), b);
  }
}

template <ElementOp kOp>
void element_rows_of(const ElementParams& p, int64_t begin, int64_t end) noexcept {
  constexpr bool kTwo = kOp != ElementOp::kSilu;
  for (int64_t r = begin; r < end; ++r) {
    const float* a = p.a + r * p.a_stride;
    const float* b = kTwo ? p.b + r * p.b_stride : a;
    float* out = p.out + r * p.out_stride;
    int64_t i = 0;
    for (; i + 16 <= p.dim; i += 16) {
      const V16 x = load(a + i);
      store(out + i, element_of<kOp>(x, kTwo ? load(b + i) : x));
    }
    if (i < p.dim) {
      const int64_t n = p.dim - i;
      const V16 x = load_part(a + i, n);
      store_part(out + i, element_of<kOp>(x, kTwo ? load_part(b + i, n) : x), n);
    }
  }
}

void element_rows(const ElementParams& p, int64_t begin, int64_t end) noexcept {
  if (p.a_step != 1 || p.b_step != 1) {
    return element_reference(p, begin, end);
  }
  switch (p.op) {
    case ElementOp::kAdd:
      return element_rows_of<ElementOp::kAdd>(p, begin, end);
    case ElementOp::kMul:
      return element_rows_of<ElementOp::kMul>(p, begin, end);
    case ElementOp::kSilu:
      return element_rows_of<ElementOp::kSilu>(p, begin, end);
    case ElementOp::kSiluMul:
      return element_rows_of<ElementOp::kSiluMul>(p, begin, end);
    default:
      return element_reference(p, begin, end);
  }
}

/// exp(x - top), 0 for -inf.
[[gnu::always_inline]] inline V16 softmax_weight(V16 x, V16 top) noexcept {
  return zero_where_equal(x, broadcast(-__builtin_inff()), exp(sub(x, top)));
}

void softmax_row(const float* x, float* out, int64_t dim) noexcept {
  const int64_t whole = dim & ~int64_t{15};
  const int64_t rest = dim - whole;
  const V16 first = broadcast(x[0]);
  V16 tops = first;
  for (int64_t i = 0; i < whole; i += 16) {
    tops = max(load(x + i), tops);
  }
  if (rest > 0) {
    tops = max(keep_lanes(load_part(x + whole, rest), 0, rest, first), tops);
  }
  // A NaN in x makes every output NaN, whatever the maximum.
  const V16 top = broadcast(max_lane(tops));
  V16 sums = broadcast(0.0f);
  for (int64_t i = 0; i < whole; i += 16) {
    const V16 p = softmax_weight(load(x + i), top);
    sums = add(sums, p);
    store(out + i, p);
  }
  if (rest > 0) {
    const V16 p = softmax_weight(load_part(x + whole, rest), top);
    sums = add(sums, keep_lanes(p, 0, rest, broadcast(0.0f)));
    store_part(out + whole, p, rest);
  }
  const V16 sum = broadcast(sum_lanes(sums));
  for (int64_t i = 0; i < whole; i += 16) {
    store(out + i, div(load(out + i), sum));
  }
  if (rest > 0) {
    store_part(out + whole, div(load_part(out + whole, rest), sum), rest);
  }
}

void softmax_rows(const SoftmaxParams& p, int64_t begin, int64_t end) noexcept {
  for (int64_t r = begin; r < end; ++r) {
    softmax_row(p.x + r * p.x_stride, p.out + r * p.out_stride, p.dim);
  }
}

/// 16 * kBlocks columns of a row of the product.
template <int kBlocks>
void product_columns(const float* a, const float* b, int64_t b_stride, int64_t k, float* out) noexcept {
  V16 sums[kBlocks];
  for (V16& sum : sums) {
    sum = broadcast(0.0f);
  }
  for (int64_t i = 0; i < k; ++i) {
    const V16 x = broadcast(a[i]);
    for (int block = 0; block < kBlocks; ++block) {
      sums[block] = fma(x, load(b + i * b_stride + 16 * block), sums[block]);
    }
  }
  for (int block = 0; block < kBlocks; ++block) {
    store(out + 16 * block, sums[block]);
  }
}

void batch_matmul_rows(const BatchMatmulParams& p, int64_t begin, int64_t end) noexcept {
  const int64_t m = p.m.get();
  for (int64_t r = begin; r < end; ++r) {
    const float* a = p.a + r / m * p.a_batch_stride + r % m * p.a_stride;
    const float* b = p.b + r / m * p.b_batch_stride;
    float* out = p.out + r * p.n;
    int64_t j = 0;
    for (; j + 64 <= p.n; j += 64) {
      product_columns<4>(a, b + j, p.b_stride, p.k, out + j);
    }
    for (; j + 16 <= p.n; j += 16) {
      product_columns<1>(a, b + j, p.b_stride, p.k, out + j);
    }
    if (j < p.n) {
      V16 sum = broadcast(0.0f);
      for (int64_t i = 0; i < p.k; ++i) {
        sum = fma(broadcast(a[i]), load_part(b + i * p.b_stride + j, p.n - j), sum);
      }
      store_part(out + j, sum, p.n - j);
    }
  }
}

}  // namespace
}  // namespace pio::kernels
