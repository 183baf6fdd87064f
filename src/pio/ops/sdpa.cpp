// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "pio/ops/checks.h"
#include "pio/ops/op_defs.h"
#include "pio/ops/ops.h"
#include "pio/ops/step_builder.h"
#include "pio/tensor/scope.h"

namespace pio::ops {

const OpDef kSdpa{.name = "sdpa"};

namespace {

void check_shapes(const Tensor& q, const Tensor& k, const Tensor& v) {
  const auto shapes = [&] {
    return pio::concat("q ", q.shape().to_string(), ", k ", k.shape().to_string(), ", v ",
                  v.shape().to_string());
  };
  PIO_CHECK(q.shape().rank() == 4 && k.shape().rank() == 4 && v.shape().rank() == 4,
            "[attention] got ", shapes(), ", expected [batch, seq, heads, head_dim] each");
  PIO_CHECK(k.dim(0) == q.dim(0) && v.dim(0) == q.dim(0) && k.dim(1) == v.dim(1) &&
                k.dim(2) == v.dim(2) && k.dim(3) == q.dim(3),
            "[attention] got ", shapes(), ", which do not fit together");
  PIO_CHECK(std::max(q.dim(3).to_int(), v.dim(3).to_int()) <= kernels::kMaxHeadDim, "[attention] got ",
            shapes(), ", expected head dims of at most ", kernels::kMaxHeadDim);
  expect_dtype("attention", "q", q);
  expect_dtype("attention", "k", k);
  expect_dtype("attention", "v", v);
  const int64_t kv_heads = k.dim(2).to_int();
  PIO_CHECK(kv_heads > 0 && q.dim(2).to_int() % kv_heads == 0, "[attention] got ", shapes(),
            ", expected q's heads to be a multiple of k's");
}

void check_extra(const std::optional<Tensor>& value, const Shape& wanted, std::string_view what) {
  if (value) {
    PIO_CHECK(value->shape() == wanted, "[attention] got ", what, " ", value->shape().to_string(),
              ", expected ", wanted.to_string());
    expect_dtype("attention", what, *value);
  }
}

void check_options(const Tensor& q, const Tensor& k, const AttentionOptions& options) {
  PIO_CHECK(!options.window || *options.window > 0, "[attention] got window ", *options.window,
            ", expected at least 1");
  PIO_CHECK(!options.window || options.is_causal,
            "[attention] got a window without is_causal: a window is cut out of what a causal mask shows");
  PIO_CHECK(!options.softcap || *options.softcap > 0.0f, "[attention] got softcap ", *options.softcap,
            ", expected above 0");
  if (q.shape().has_named()) {
    PIO_CHECK(options.is_causal && !options.mask,
              "[trace] attention on the rows of a batch must be causal and without a mask, since rows of "
              "several sequences share a step: pass is_causal=true, with window=... for a sliding window");
    PIO_CHECK(k.dim(1) == q.dim(1), "[trace] attention got q ", q.shape().to_string(), " and k ",
              k.shape().to_string(), ": keys of earlier rows come from the cache, so both have the step's rows");
  } else if (options.is_causal) {
    PIO_CHECK(k.dim(1).to_int() >= q.dim(1).to_int(), "[attention] got ", k.dim(1).to_string(), " keys for ",
              q.dim(1).to_string(), " causal queries, which are the last of them");
  }
}

}  // namespace

Tensor scaled_dot_product_attention(const Tensor& q, const Tensor& k, const Tensor& v,
                                    const AttentionOptions& options) {
  check_shapes(q, k, v);
  check_options(q, k, options);
  check_extra(options.sinks, {q.dim(2)}, "sinks");
  check_extra(options.mask, {q.dim(1), k.dim(1)}, "mask");
  const bool traced = q.shape().has_named();
  const double head_dim = static_cast<double>(q.dim(3).to_int());
  const double scale = options.scale ? static_cast<double>(*options.scale) : 1.0 / std::sqrt(head_dim);
  auto* recorder = tensor::Recorder::current();
  std::vector<NodePtr> inputs = {q.node(), k.node(), v.node()};
  for (const auto& extra : {options.mask, options.sinks}) {
    if (extra) {
      inputs.push_back(extra->node());
    }
  }
  tensor::Attrs attrs = {
      {"mask", int64_t{options.mask.has_value()}},
      {"sinks", int64_t{options.sinks.has_value()}},
      {"causal", int64_t{options.is_causal}},
      {"scale", scale},
      {"window", options.window.value_or(0)},
      {"softcap", static_cast<double>(options.softcap.value_or(0.0f))},
      {"state", traced && recorder != nullptr ? recorder->next_state_name() : std::string()}};
  return Tensor(make(kSdpa, std::move(inputs), std::move(attrs), q.shape().with(3, v.dim(3))));
}

namespace {

void lower(const NodePtr& node, StepBuilder& builder) {
  Call<kernels::DenseAttentionParams> call{kernels::KernelId::k_dense_attention};
  auto& p = call.params;
  const Shape& q = node->input(0)->shape();
  const Shape& k = node->input(1)->shape();
  call.bind(p.q, builder.rows(node->input(0), 0).ref);
  call.bind(p.k, builder.rows(node->input(1), 0).ref);
  call.bind(p.v, builder.rows(node->input(2), 0).ref);
  size_t next = 3;
  if (node->attrs().get_int("mask") != 0) {
    call.bind(p.mask, builder.rows(node->input(next++), 0).ref);
  }
  if (node->attrs().get_int("sinks") != 0) {
    call.bind(p.sinks, builder.rows(node->input(next++), 0).ref);
  }
  call.bind(p.batch, q[0]);
  call.bind(p.seq, q[1]);
  call.bind(p.keys, k[1]);
  p.heads = q[2].to_int();
  p.kv_heads = k[2].to_int();
  p.head_dim = q[3].to_int();
  p.value_dim = node->shape()[3].to_int();
  p.scale = static_cast<float>(node->attrs().get_double("scale"));
  p.window = node->attrs().get_int("window");
  p.softcap = static_cast<float>(node->attrs().get_double("softcap"));
  p.causal = node->attrs().get_int("causal") != 0;
  call.bind(p.out, builder.result(0).ref);
  builder.emit(call);
}

}  // namespace

extern const OpLowering sdpa_lowering{&kSdpa, &lower};

}  // namespace pio::ops
