// SPDX-License-Identifier: Apache-2.0
// The ops, under their C++ names with their defaults.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

#include "bindings.h"
#include "json_convert.h"
#include "pio/nn/rope_config.h"
#include "pio/ops/ops.h"
#include "tensor_data.h"

namespace pio::bindings {
namespace {

using OptionalTensor = std::optional<Tensor>;

// `scaling` as config.json's rope_scaling.
ops::RopeScaling scaling_of(nb::handle scaling) {
  if (scaling.is_none()) {
    return {};
  }
  auto values = std::make_shared<json::Value>(to_json_object(scaling, "[rope] scaling"));
  return nn::read_rope_scaling(formats::ConfigSection(std::move(values), "[rope] scaling", ""), 0);
}

Tensor rope(const Tensor& x, const OptionalTensor& positions, double theta, std::optional<int64_t> dims,
            bool interleaved, nb::object scaling) {
  return ops::rope(x, {.positions = positions,
                       .theta = theta,
                       .dims = dims,
                       .interleaved = interleaved,
                       .scaling = scaling_of(scaling)});
}

Tensor attention(const Tensor& q, const Tensor& k, const Tensor& v, const OptionalTensor& mask, bool is_causal,
                 std::optional<float> scale, std::optional<int64_t> window, const OptionalTensor& sinks,
                 std::optional<float> softcap) {
  return ops::scaled_dot_product_attention(q, k, v,
                                           {.mask = mask,
                                            .is_causal = is_causal,
                                            .scale = scale,
                                            .window = window,
                                            .sinks = sinks,
                                            .softcap = softcap});
}

}  // namespace

void bind_ops(nb::module_& m) {
  m.def("embedding", &ops::embedding, nb::arg("ids"), nb::arg("weight"), nb::arg("scale") = 1.0f);
  m.def("linear", &ops::linear, nb::arg("x"), nb::arg("weight"), nb::arg("bias") = nb::none());
  m.def("rms_norm", &ops::rms_norm, nb::arg("x"), nb::arg("weight") = nb::none(), nb::arg("eps") = 1e-6f);
  m.def("rope", &rope, nb::arg("x"), nb::arg("positions") = nb::none(), nb::arg("theta") = 10000.0,
        nb::arg("dims") = nb::none(), nb::arg("interleaved") = false, nb::arg("scaling") = nb::none());
  m.def("scaled_dot_product_attention", &attention, nb::arg("q"), nb::arg("k"), nb::arg("v"),
        nb::arg("mask") = nb::none(), nb::arg("is_causal") = false, nb::arg("scale") = nb::none(),
        nb::arg("window") = nb::none(), nb::arg("sinks") = nb::none(), nb::arg("softcap") = nb::none());
  m.def("silu", &ops::silu, nb::arg("x"));
  m.def("softmax", &ops::softmax, nb::arg("x"));
  m.def("gather_rows", &ops::gather_rows, nb::arg("x"), nb::arg("index"));
  nb::handle c = nb::type<Tensor>();
  const auto method = [&](const char* name, auto function) {
    c.attr(name) = nb::cpp_function(function, nb::name(name), nb::is_method(), nb::is_operator());
  };
  method("__add__", [](const Tensor& a, const Tensor& b) { return a + b; });
  method("__mul__", [](const Tensor& a, const Tensor& b) { return a * b; });
}

}  // namespace pio::bindings
