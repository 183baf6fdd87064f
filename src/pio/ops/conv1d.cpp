// SPDX-License-Identifier: Apache-2.0
#include "pio/ops/checks.h"
#include "pio/ops/op_defs.h"
#include "pio/ops/ops.h"
#include "pio/ops/step_builder.h"

namespace pio::ops {

const OpDef kConv1d{.name = "conv1d", .row_inputs = 1};

Tensor conv1d(const Tensor& x, const Tensor& weight, const std::optional<Tensor>& bias, int64_t stride,
              int64_t padding, int64_t dilation, int64_t groups) {
  expect_dtype("conv1d", "x", x);
  expect_dtype("conv1d", "weight", weight);
  PIO_CHECK(stride >= 1 && padding >= 0 && dilation >= 1 && groups >= 1, "[conv1d] got stride ", stride, ", padding ",
            padding, ", dilation ", dilation, " and groups ", groups, ", expected all at least 1, padding at least 0");
  PIO_CHECK(x.shape().rank() == 3 && weight.shape().rank() == 3, "[conv1d] got x ", x.shape().to_string(),
            " and weight ", weight.shape().to_string(),
            ", expected [batch, channels, length] and [out, channels / groups, kernel]");
  const int64_t channels = x.dim(1).to_int();
  const int64_t length = x.dim(2).to_int();
  const int64_t out_channels = weight.dim(0).to_int();
  const int64_t kernel = weight.dim(2).to_int();
  PIO_CHECK(channels == weight.dim(1).to_int() * groups && out_channels % groups == 0, "[conv1d] got x ",
            x.shape().to_string(), " and weight ", weight.shape().to_string(), " in ", groups,
            " groups, expected weight [out, channels / groups, kernel] with whole groups of out and channels");
  const int64_t reach = dilation * (kernel - 1) + 1;
  PIO_CHECK(kernel >= 1 && length + 2 * padding >= reach, "[conv1d] got length ", length, " padded by ", padding,
            ", expected at least the ", reach, " that the kernel spans");
  std::vector<NodePtr> inputs = {x.node(), weight.node()};
  if (bias) {
    PIO_CHECK(bias->shape() == Shape({out_channels}), "[conv1d] got bias ", bias->shape().to_string(), ", expected [",
              out_channels, "]");
    expect_dtype("conv1d", "bias", *bias);
    inputs.push_back(bias->node());
  }
  return Tensor(make(kConv1d, std::move(inputs),
                     {{"bias", int64_t{bias.has_value()}},
                      {"stride", stride},
                      {"padding", padding},
                      {"dilation", dilation},
                      {"groups", groups}},
                     {x.dim(0), out_channels, (length + 2 * padding - reach) / stride + 1}));
}

namespace {

void lower(const NodePtr& node, StepBuilder& builder) {
  Call<kernels::Conv1dParams> call{kernels::KernelId::k_conv1d};
  auto& p = call.params;
  const tensor::Attrs& attrs = node->attrs();
  const Shape& from = node->input(0)->shape();
  const RowsView x = builder.rows(node->input(0), -1);
  call.bind(p.x, x.ref);
  p.x_stride = x.stride();
  call.bind(p.weight, builder.values(node->input(1)));
  if (attrs.get_int("bias") != 0) {
    call.bind(p.bias, builder.values(node->input(2)));
  }
  call.bind(p.batch, from[0]);
  p.channels = from[1].to_int();
  p.length = from[2].to_int();
  p.out_channels = node->shape()[1].to_int();
  p.out_length = node->shape()[2].to_int();
  p.kernel = node->input(1)->shape()[2].to_int();
  p.stride = attrs.get_int("stride");
  p.padding = attrs.get_int("padding");
  p.dilation = attrs.get_int("dilation");
  p.groups = attrs.get_int("groups");
  call.bind(p.out, builder.result(-1).ref);
  builder.emit(call);
}

}  // namespace

extern const OpLowering conv1d_lowering{&kConv1d, &lower};

}  // namespace pio::ops
