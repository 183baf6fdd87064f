// SPDX-License-Identifier: Apache-2.0
#include "pio/ops/checks.h"
#include "pio/ops/lower_rows.h"
#include "pio/ops/op_defs.h"
#include "pio/ops/ops.h"

namespace pio::ops {

const OpDef kLayerNorm{.name = "layer_norm", .row_inputs = 1};

Tensor layer_norm(const Tensor& x, const std::optional<Tensor>& weight, const std::optional<Tensor>& bias, float eps) {
  PIO_CHECK(x.shape().rank() >= 1, "[layer_norm] got a scalar, expected x [..., dim]");
  expect_dtype("layer_norm", "x", x);
  const Shape wanted = {x.dim(-1).to_int()};
  std::vector<NodePtr> inputs = {x.node()};
  const auto add_input = [&](std::string_view what, const std::optional<Tensor>& value) {
    if (value) {
      PIO_CHECK(value->shape() == wanted, "[layer_norm] got ", what, " ", value->shape().to_string(), ", expected ",
                wanted.to_string());
      expect_dtype("layer_norm", what, *value);
      inputs.push_back(value->node());
    }
  };
  add_input("weight", weight);
  add_input("bias", bias);
  return Tensor(make(kLayerNorm, std::move(inputs),
                     {{"weight", int64_t{weight.has_value()}},
                      {"bias", int64_t{bias.has_value()}},
                      {"eps", static_cast<double>(eps)}},
                     x.shape()));
}

namespace {

void lower(const NodePtr& node, StepBuilder& builder) {
  Call<kernels::LayerNormParams> call{kernels::KernelId::k_layer_norm};
  auto& p = call.params;
  fill_rows(node, builder, call);
  size_t next = 1;
  if (node->attrs().get_int("weight") != 0) {
    call.bind(p.weight, builder.values(node->input(next++)));
  }
  if (node->attrs().get_int("bias") != 0) {
    call.bind(p.bias, builder.values(node->input(next++)));
  }
  p.eps = static_cast<float>(node->attrs().get_double("eps"));
  emit_rows(builder, call);
}

}  // namespace

extern const OpLowering layer_norm_lowering{&kLayerNorm, &lower};

}  // namespace pio::ops
