// SPDX-License-Identifier: Apache-2.0
#include "pio/ops/checks.h"
#include "pio/ops/lower_rope.h"
#include "pio/ops/ops.h"

namespace pio::ops {

const OpDef kRope{.name = "rope", .row_inputs = 2};

namespace {

// Positions of x: [batch, seq, ...]: given, or the step's while tracing, or 0.. of every sequence.
NodePtr positions_of(const Tensor& x, const std::optional<Tensor>& given) {
  const Dim& seq = x.dim(1);
  if (given) {
    PIO_CHECK(given->dtype() == DType::kI32 &&
                  given->shape().product(0, given->shape().rank()) == x.shape().product(0, 2),
              "[rope] got positions ", given->shape().to_string(), " ", name(given->dtype()),
              ", expected one i32 for each of ", x.shape().product(0, 2).to_string(), " rows");
    return given->node();
  }
  if (seq.is_named()) {
    return make(tensor::kInput, {}, {{"name", "positions"}}, {seq}, DType::kI32);
  }
  std::vector<int32_t> values;
  for (int64_t b = 0; b < x.dim(0).to_int(); ++b) {
    for (int64_t s = 0; s < seq.to_int(); ++s) {
      values.push_back(static_cast<int32_t>(s));
    }
  }
  return Tensor(values, {x.dim(0).to_int() * seq.to_int()}).node();
}

}  // namespace

Tensor rope(const Tensor& x, const RopeOptions& options) {
  PIO_CHECK(x.shape().rank() == 4, "[rope] got x ", x.shape().to_string(),
            ", expected [batch, seq, heads, head_dim]");
  expect_dtype("rope", "x", x);
  PIO_CHECK(!x.dim(1).is_named() || x.dim(0) == Dim(1), "[trace] rope got x ", x.shape().to_string(),
            ": the rows of a step are one batch entry, [1, rows, heads, head_dim]");
  const int64_t head_dim = x.dim(-1).to_int();
  const int64_t dims = options.dims.value_or(head_dim);
  PIO_CHECK(head_dim <= kernels::kMaxHeadDim, "[rope] got head_dim ", head_dim, ", expected at most ",
            kernels::kMaxHeadDim);
  PIO_CHECK(dims <= head_dim, "[rope] got dims ", dims, " of head_dim ", head_dim);
  RopeScaling scaling = options.scaling;
  if (scaling.original_max_position_embeddings == 0) {
    scaling.original_max_position_embeddings = options.max_positions;
  }
  const RopeFrequencies frequencies = rope_frequencies(options.theta, dims, scaling);
  const Tensor inv_freq(frequencies.inv_freq, {dims / 2});
  const NodePtr table =
      make(kRopeTable, {positions_of(x, options.positions), inv_freq.node()},
           {{"factor", static_cast<double>(frequencies.factor)}}, {x.dim(0), x.dim(1), dims});
  return Tensor(make(kRope, {x.node(), table}, {{"interleaved", int64_t{options.interleaved}}},
                     x.shape()));
}

namespace {

void lower(const NodePtr& node, StepBuilder& builder) {
  Call<kernels::RopeParams> call{kernels::KernelId::k_rope};
  fill_rope(node->input(0), node->input(1), node->attrs().get_int("interleaved") != 0, builder, call,
            call.params);
  const RowsView out = builder.result(-2);
  call.bind(call.params.out, out.ref);
  call.params.out_stride = out.stride();
  builder.emit(call);
}

}  // namespace

extern const OpLowering rope_lowering{&kRope, &lower};

}  // namespace pio::ops
