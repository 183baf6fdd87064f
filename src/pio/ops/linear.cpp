// SPDX-License-Identifier: Apache-2.0
#include "pio/ops/checks.h"
#include "pio/ops/op_defs.h"
#include "pio/ops/ops.h"
#include "pio/ops/step_builder.h"

namespace pio::ops {

const OpDef kLinear{.name = "linear", .row_inputs = 1};

Tensor linear(const Tensor& x, const Tensor& weight, const std::optional<Tensor>& bias) {
  PIO_CHECK(weight.shape().rank() == 2, "[linear] got weight ", weight.shape().to_string(),
            ", expected [out, in]");
  PIO_CHECK(x.shape().rank() >= 1 && x.dim(-1) == weight.dim(1), "[linear] got x ",
            x.shape().to_string(), " and weight ", weight.shape().to_string(),
            ", expected x [..., ", weight.dim(1).to_string(), "]");
  expect_dtype("linear", "x", x);
  expect_dtype("linear", "weight", weight);
  std::vector<NodePtr> inputs = {x.node(), weight.node()};
  if (bias) {
    PIO_CHECK(bias->shape() == Shape({weight.dim(0)}), "[linear] got bias ",
              bias->shape().to_string(), ", expected [", weight.dim(0).to_string(), "]");
    expect_dtype("linear", "bias", *bias);
    inputs.push_back(bias->node());
  }
  return Tensor(make(kLinear, std::move(inputs),
                     {{"bias", int64_t{bias.has_value()}}, {"residual", int64_t{0}},
                      {"epilogue", int64_t{0}}},
                     x.shape().with(-1, weight.dim(0))));
}

namespace {

kernels::KernelId kernel_of(quant::QuantType type) {
  using kernels::KernelId;
  switch (type) {
    case quant::QuantType::kF32:
      return KernelId::k_matmul_f32;
    case quant::QuantType::kF16:
      return KernelId::k_matmul_f16;
    case quant::QuantType::kBF16:
      return KernelId::k_matmul_bf16;
    case quant::QuantType::kQ4_0:
      return KernelId::k_matmul_q4_0;
    case quant::QuantType::kQ4_1:
      return KernelId::k_matmul_q4_1;
    case quant::QuantType::kQ8_0:
      return KernelId::k_matmul_q8_0;
    case quant::QuantType::kQ4_K:
      return KernelId::k_matmul_q4_k;
    case quant::QuantType::kQ6_K:
      return KernelId::k_matmul_q6_k;
  }
  fail(ErrorCode::kInternal, "[linear] weight format without a kernel");
}

void lower(const NodePtr& node, StepBuilder& builder) {
  const WeightView weight = builder.weight(node->input(1));
  Call<kernels::MatmulParams> call{kernel_of(weight.type)};
  auto& p = call.params;
  const RowsView x = builder.rows(node->input(0), -1);
  call.bind(p.weight, weight.ref);
  p.out_features = weight.rows;
  p.in_features = weight.cols;
  call.bind(p.x, x.ref);
  p.x_stride_bytes = x.stride_bytes;
  call.bind(p.rows, x.rows);
  p.epilogue = static_cast<kernels::Epilogue>(node->attrs().get_int("epilogue"));
  size_t next = 2;
  if (node->attrs().get_int("bias") != 0) {
    call.bind(p.bias, builder.values(node->input(next++)));
  }
  if (node->attrs().get_int("residual") != 0) {
    const RowsView residual = builder.rows(node->input(next++), -1);
    call.bind(p.residual, residual.ref);
    p.residual_stride = residual.stride();
  }
  const RowsView out = builder.result(-1);
  if (p.epilogue == kernels::Epilogue::kSwiGluQuant) {
    call.bind(p.out_quant, out.ref);
    p.out_quant_stride_bytes = out.stride_bytes;
    p.out_format = row_format(out.dtype);
  } else {
    call.bind(p.out, out.ref);
    p.out_stride = out.stride();
  }
  builder.emit(call);
}

}  // namespace

extern const OpLowering linear_lowering{&kLinear, &lower};

}  // namespace pio::ops
