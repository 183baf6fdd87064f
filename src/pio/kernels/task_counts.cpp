// SPDX-License-Identifier: Apache-2.0
// How each kernel family splits its work; the executor hands out ranges of these tasks.
#include "pio/base/checked.h"
#include "pio/kernels/attention_split.h"
#include "pio/kernels/kernels.h"

namespace pio::kernels {
namespace {

int64_t matmul_tasks(const MatmulParams& p) noexcept {
  const int64_t strip = p.epilogue == Epilogue::kStore ? 32 : 64;
  return p.rows.get() > 0 ? div_up(p.out_features, strip) : 0;
}

}  // namespace

int64_t embed_rows_tasks(const EmbedRowsParams& p) noexcept { return p.rows.get(); }
int64_t rms_norm_tasks(const RmsNormParams& p) noexcept { return p.rows.get(); }
int64_t quant_rows_tasks(const QuantRowsParams& p) noexcept { return p.rows.get(); }
int64_t rms_norm_quant_tasks(const RmsNormQuantParams& p) noexcept { return p.norm.rows.get(); }
int64_t matmul_f32_tasks(const MatmulParams& p) noexcept { return matmul_tasks(p); }
int64_t matmul_f16_tasks(const MatmulParams& p) noexcept { return matmul_tasks(p); }
int64_t matmul_bf16_tasks(const MatmulParams& p) noexcept { return matmul_tasks(p); }
int64_t matmul_q8_0_tasks(const MatmulParams& p) noexcept { return matmul_tasks(p); }
int64_t matmul_q4_0_tasks(const MatmulParams& p) noexcept { return matmul_tasks(p); }
int64_t matmul_q4_1_tasks(const MatmulParams& p) noexcept { return matmul_tasks(p); }
int64_t matmul_q4_k_tasks(const MatmulParams& p) noexcept { return matmul_tasks(p); }
int64_t matmul_q6_k_tasks(const MatmulParams& p) noexcept { return matmul_tasks(p); }
int64_t rope_table_tasks(const RopeTableParams& p) noexcept { return p.rows.get(); }
int64_t rope_tasks(const RopeParams& p) noexcept { return p.rows.get(); }
int64_t kv_write_tasks(const KvWriteParams& p) noexcept { return p.rows.get(); }
int64_t rope_kv_tasks(const RopeKvParams& p) noexcept { return p.q.rows.get(); }
int64_t attention_tasks(const AttentionParams& p) noexcept {
  const int64_t rows = p.rows.get();
  const int64_t segments = attention_split(p).count;
  return div_up(rows, segments > 1 ? 1 : attention_task_rows(rows)) * segments * p.kv.kv_heads;
}
int64_t attention_merge_tasks(const AttentionParams& p) noexcept {
  return attention_split(p).count > 1 ? p.rows.get() : 0;
}
int64_t dense_attention_tasks(const DenseAttentionParams& p) noexcept {
  return p.batch.get() * p.seq.get();
}
int64_t element_tasks(const ElementParams& p) noexcept { return p.rows.get(); }
int64_t softmax_tasks(const SoftmaxParams& p) noexcept { return p.rows.get(); }
int64_t copy_rows_tasks(const CopyRowsParams& p) noexcept { return p.rows.get(); }
int64_t copy_strided_tasks(const CopyStridedParams& p) noexcept { return p.rows.get(); }
int64_t layer_norm_tasks(const LayerNormParams& p) noexcept { return p.rows.get(); }
int64_t reduce_tasks(const ReduceParams& p) noexcept { return p.rows.get(); }
int64_t cumsum_tasks(const CumsumParams& p) noexcept { return p.rows.get(); }
int64_t batch_matmul_tasks(const BatchMatmulParams& p) noexcept { return p.batch.get() * p.m.get(); }
int64_t conv1d_tasks(const Conv1dParams& p) noexcept { return p.batch.get() * p.out_channels; }
int64_t sample_tasks(const SampleParams& p) noexcept { return p.rows.get(); }
int64_t probe_read_tasks(const ProbeReadParams& p) noexcept { return p.blocks; }
int64_t probe_dot_tasks(const ProbeDotParams& p) noexcept { return p.tasks; }
int64_t probe_fma_tasks(const ProbeFmaParams& p) noexcept { return p.tasks; }
int64_t probe_bf16_tasks(const ProbeBf16Params& p) noexcept { return p.tasks; }

}  // namespace pio::kernels
