// SPDX-License-Identifier: Apache-2.0
#include "pio/kernels/work.h"

#include <algorithm>
#include <optional>

#include "pio/base/error.h"
#include "pio/kernels/attention_split.h"
#include "pio/kernels/params.h"
#include "pio/kernels/registry.h"

namespace pio::kernels {
namespace {

constexpr int64_t kFloat = 4;

template <class Params>
const Params& params_of(const Launch& launch) noexcept {
  return *static_cast<const Params*>(launch.params);
}

// The format whose weights a matmul reads, or nothing for another kernel.
std::optional<quant::QuantType> matmul_type(KernelId kernel) noexcept {
  switch (kernel) {
    case KernelId::k_matmul_f32:
      return quant::QuantType::kF32;
    case KernelId::k_matmul_f16:
      return quant::QuantType::kF16;
    case KernelId::k_matmul_bf16:
      return quant::QuantType::kBF16;
    case KernelId::k_matmul_q8_0:
      return quant::QuantType::kQ8_0;
    case KernelId::k_matmul_q4_0:
      return quant::QuantType::kQ4_0;
    case KernelId::k_matmul_q4_1:
      return quant::QuantType::kQ4_1;
    case KernelId::k_matmul_q4_k:
      return quant::QuantType::kQ4_K;
    case KernelId::k_matmul_q6_k:
      return quant::QuantType::kQ6_K;
    default:
      return std::nullopt;
  }
}

Work matmul_work(quant::QuantType type, const MatmulParams& p) noexcept {
  const int64_t rows = p.rows.get();
  Work out;
  if (rows == 0) {
    return out;
  }
  const int64_t weights = p.out_features * p.in_features;
  out.weight_bytes = quant::size_bytes(type, weights);
  const bool floats = quant::traits(type).block_weights == 1;
  const bool is_bf16 = type == quant::QuantType::kBF16;
  (is_bf16 ? out.bf16_ops : floats ? out.float_ops : out.dot_ops) = 2 * weights * rows;
  const int64_t x_row = is_bf16  ? row_bytes(RowFormat::kBF16, p.in_features)
                        : floats ? p.in_features * kFloat
                                 : activation_row_bytes(p.in_features);
  const bool glu = p.epilogue != Epilogue::kStore;
  const int64_t y_row = p.epilogue == Epilogue::kSwiGluQuant ? row_bytes(p.out_format, p.out_features / 2)
                                                             : p.out_features / (glu ? 2 : 1) * kFloat;
  out.value_bytes = rows * (x_row + y_row * (p.residual != nullptr ? 2 : 1));
  return out;
}

int64_t cache_row_bytes(const KvView& kv) noexcept {
  return kv_page_bytes(kv.type, kv.kv_heads, kv.head_dim, kv.value_dim) / kPageSize;
}

// Neighbouring rows of one sequence share a reading of its cache, as far as the window of each lets them.
Work attention_work(const AttentionParams& p) noexcept {
  Work out;
  const int64_t rows = p.rows.get();
  const int64_t row_ops = 2 * p.heads * (p.kv.head_dim + p.kv.value_dim);
  int64_t shared = 0;  // positions read for the run of rows so far
  for (int64_t r = 0; r < rows; ++r) {
    const int64_t seen = p.kv.positions[r] + 1;
    const int64_t read = p.window > 0 ? std::min(seen, p.window) : seen;
    out.float_ops += read * row_ops;
    shared = std::max(shared, read);
    if (r + 1 == rows || p.kv.sequence[r + 1] != p.kv.sequence[r]) {
      out.cache_bytes += shared * cache_row_bytes(p.kv);
      shared = 0;
    }
  }
  out.value_bytes = rows * p.heads * (p.kv.head_dim + p.kv.value_dim) * kFloat;
  return out;
}

// What is read of the parts. Without a merge there is none.
Work attention_merge_work(const AttentionParams& p) noexcept {
  const AttentionSplit split = attention_split(p);
  Work out;
  out.value_bytes = split.count > 1 ? p.rows.get() * split.count * p.heads * attention_part_floats(p.kv.value_dim) * kFloat : 0;
  return out;
}

Work dense_attention_work(const DenseAttentionParams& p) noexcept {
  Work out;
  const int64_t batch = p.batch.get();
  const int64_t seq = p.seq.get();
  const int64_t keys = p.keys.get();
  int64_t scores = 0;
  for (int64_t i = 0; i < seq; ++i) {
    const int64_t seen = p.causal ? std::clamp<int64_t>(i + 1 + keys - seq, 0, keys) : keys;
    scores += p.window > 0 ? std::min(seen, p.window) : seen;
  }
  const int64_t dims = p.head_dim + p.value_dim;
  out.float_ops = 2 * batch * scores * p.heads * dims;
  out.value_bytes = batch * (seq * p.heads + keys * p.kv_heads) * dims * kFloat;
  return out;
}

Work batch_matmul_work(const BatchMatmulParams& p) noexcept {
  Work out;
  const int64_t batch = p.batch.get();
  const int64_t m = p.m.get();
  out.float_ops = 2 * batch * m * p.k * p.n;
  out.value_bytes = kFloat * ((p.a_batch_stride != 0 ? batch : 1) * m * p.k +
                              (p.b_batch_stride != 0 ? batch : 1) * p.k * p.n + batch * m * p.n);
  return out;
}

// Operands that an operation does not read, or of one value a row, are few bytes or none.
Work element_work(const ElementParams& p) noexcept {
  const auto read = [](const float* x, int64_t step) { return x != nullptr && step != 0 ? 1 : 0; };
  const int64_t arrays = 1 + read(p.a, p.a_step) + read(p.b, p.b_step) + read(p.c, p.c_step);
  Work out;
  out.value_bytes = p.rows.get() * p.dim * arrays * kFloat;
  return out;
}

Work rows_work(int64_t rows, int64_t bytes_of_a_row) noexcept {
  Work out;
  out.value_bytes = rows * bytes_of_a_row;
  return out;
}

Work rope_work(const RopeParams& p) noexcept {
  return rows_work(p.rows.get(), 2 * p.heads * p.head_dim * kFloat);
}

}  // namespace

Work& Work::operator+=(const Work& other) noexcept {
  weight_bytes += other.weight_bytes;
  cache_bytes += other.cache_bytes;
  value_bytes += other.value_bytes;
  dot_ops += other.dot_ops;
  float_ops += other.float_ops;
  bf16_ops += other.bf16_ops;
  return *this;
}

Work work_of(const Launch& launch) noexcept {
  if (const auto type = matmul_type(launch.kernel)) {
    return matmul_work(*type, params_of<MatmulParams>(launch));
  }
  switch (launch.kernel) {
    case KernelId::k_attention:
      return attention_work(params_of<AttentionParams>(launch));
    case KernelId::k_attention_merge:
      return attention_merge_work(params_of<AttentionParams>(launch));
    case KernelId::k_embed_rows: {
      const auto& p = params_of<EmbedRowsParams>(launch);
      Work out = rows_work(p.rows.get(), p.dim * kFloat);
      out.weight_bytes = p.rows.get() * quant::size_bytes(p.type, p.dim);
      return out;
    }
    case KernelId::k_rms_norm: {
      const auto& p = params_of<RmsNormParams>(launch);
      return rows_work(p.rows.get(), 2 * p.dim * kFloat);
    }
    case KernelId::k_rms_norm_quant: {
      const auto& p = params_of<RmsNormQuantParams>(launch);
      return rows_work(p.norm.rows.get(), p.norm.dim * kFloat + row_bytes(p.format, p.norm.dim));
    }
    case KernelId::k_quant_rows: {
      const auto& p = params_of<QuantRowsParams>(launch);
      return rows_work(p.rows.get(), p.dim * kFloat + row_bytes(p.format, p.dim));
    }
    case KernelId::k_rope:
      return rope_work(params_of<RopeParams>(launch));
    case KernelId::k_rope_kv: {
      const auto& p = params_of<RopeKvParams>(launch);
      Work out = rope_work(p.q);
      out += rope_work(p.k);
      out.cache_bytes = p.q.rows.get() * cache_row_bytes(p.kv);
      return out;
    }
    case KernelId::k_kv_write: {
      const auto& p = params_of<KvWriteParams>(launch);
      Work out = rows_work(p.rows.get(), p.kv.kv_heads * (p.kv.head_dim + p.kv.value_dim) * kFloat);
      out.cache_bytes = p.rows.get() * cache_row_bytes(p.kv);
      return out;
    }
    case KernelId::k_dense_attention:
      return dense_attention_work(params_of<DenseAttentionParams>(launch));
    case KernelId::k_batch_matmul:
      return batch_matmul_work(params_of<BatchMatmulParams>(launch));
    case KernelId::k_element:
      return element_work(params_of<ElementParams>(launch));
    case KernelId::k_softmax: {
      const auto& p = params_of<SoftmaxParams>(launch);
      return rows_work(p.rows.get(), 2 * p.dim * kFloat);
    }
    case KernelId::k_sample: {
      const auto& p = params_of<SampleParams>(launch);
      return rows_work(p.rows.get(), p.vocab * kFloat);
    }
    default:
      return {};
  }
}

std::string describe(const Launch& launch) {
  std::string out(name(launch.kernel));
  if (matmul_type(launch.kernel)) {
    const auto& p = params_of<MatmulParams>(launch);
    out += concat(" ", p.out_features, "x", p.in_features);
  }
  return out;
}

}  // namespace pio::kernels
