// SPDX-License-Identifier: Apache-2.0
#include "pio/ops/checks.h"
#include "pio/ops/op_defs.h"
#include "pio/ops/ops.h"
#include "pio/ops/step_builder.h"

namespace pio::ops {

const OpDef kEmbedding{.name = "embedding", .row_inputs = 1};

Tensor embedding(const Tensor& ids, const Tensor& weight, float scale) {
  expect_dtype("embedding", "ids", ids, DType::kI32);
  expect_dtype("embedding", "weight", weight);
  PIO_CHECK(weight.shape().rank() == 2, "[embedding] got weight ", weight.shape().to_string(),
            ", expected [vocab, dim]");
  std::vector<Dim> dims = ids.shape().dims();
  dims.push_back(weight.dim(1));
  return Tensor(make(kEmbedding, {ids.node(), weight.node()},
                     {{"scale", static_cast<double>(scale)}}, Shape(std::move(dims))));
}

namespace {

void lower(const NodePtr& node, StepBuilder& builder) {
  Call<kernels::EmbedRowsParams> call{kernels::KernelId::k_embed_rows};
  auto& p = call.params;
  const RowsView ids = builder.rows(node->input(0), node->input(0)->shape().rank());
  const WeightView weight = builder.weight(node->input(1));
  const RowsView out = builder.result(-1);
  call.bind(p.weight, weight.ref);
  p.type = weight.type;
  call.bind(p.ids, ids.ref);
  call.bind(p.rows, out.rows);
  p.vocab = weight.rows;
  p.dim = weight.cols;
  p.scale = static_cast<float>(node->attrs().get_double("scale"));
  call.bind(p.out, out.ref);
  p.out_stride = out.stride();
  builder.emit(call);
}

}  // namespace

extern const OpLowering embedding_lowering{&kEmbedding, &lower};

}  // namespace pio::ops
