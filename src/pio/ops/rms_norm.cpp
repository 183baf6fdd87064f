// SPDX-License-Identifier: Apache-2.0
#include "pio/ops/checks.h"
#include "pio/ops/lower_norm.h"
#include "pio/ops/ops.h"

namespace pio::ops {

const OpDef kRmsNorm{.name = "rms_norm", .row_inputs = 1};

Tensor rms_norm(const Tensor& x, const std::optional<Tensor>& weight, float eps) {
  PIO_CHECK(x.shape().rank() >= 1, "[rms_norm] got a scalar, expected x [..., dim]");
  expect_dtype("rms_norm", "x", x);
  std::vector<NodePtr> inputs = {x.node()};
  if (weight) {
    PIO_CHECK(weight->shape() == Shape({x.dim(-1)}), "[rms_norm] got weight ",
              weight->shape().to_string(), ", expected [", x.dim(-1).to_string(), "]");
    expect_dtype("rms_norm", "weight", *weight);
    inputs.push_back(weight->node());
  }
  return Tensor(make(kRmsNorm, std::move(inputs), {{"eps", static_cast<double>(eps)}}, x.shape()));
}

namespace {

void lower(const NodePtr& node, StepBuilder& builder) {
  Call<kernels::RmsNormParams> call{kernels::KernelId::k_rms_norm};
  fill_norm(node, builder, call, call.params);
  const RowsView out = builder.result(-1);
  call.bind(call.params.out, out.ref);
  call.params.out_stride = out.stride();
  builder.emit(call);
}

}  // namespace

extern const OpLowering rms_norm_lowering{&kRmsNorm, &lower};

}  // namespace pio::ops
