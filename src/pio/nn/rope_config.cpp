// SPDX-License-Identifier: Apache-2.0
#include "pio/nn/rope_config.h"

#include "pio/base/error.h"

namespace pio::nn {
namespace {

constexpr double kTiny = 1e-30;  // the least value of what must be above 0
constexpr double kLarge = 1e30;

ops::RopeScalingKind kind_of(const formats::ConfigSection& section) {
  const auto text = section.get_string("rope_type");
  const std::string kind = text ? *text : section.get_string("type").value_or("default");
  if (kind == "default") {
    return ops::RopeScalingKind::kNone;
  }
  if (kind == "linear") {
    return ops::RopeScalingKind::kLinearFactor;
  }
  if (kind == "llama3") {
    return ops::RopeScalingKind::kLlama3;
  }
  if (kind == "yarn") {
    return ops::RopeScalingKind::kYarn;
  }
  fail(ErrorCode::kUnsupported, concat(escaped(section.file()), ": ", text ? "rope_type" : "type", " is \"",
                                       escaped(kind), "\", expected default, linear, llama3 or yarn"));
}

void read_published(const formats::ConfigSection& s, ops::RopeScaling& out) {
  out.factor = s.require_float("factor", kTiny, kLarge);
  out.low_freq_factor = s.get_float("low_freq_factor", kTiny, kLarge).value_or(out.low_freq_factor);
  out.high_freq_factor = s.get_float("high_freq_factor", kTiny, kLarge).value_or(out.high_freq_factor);
  if (out.kind == ops::RopeScalingKind::kLlama3 && out.high_freq_factor <= out.low_freq_factor) {
    s.reject("high_freq_factor", concat("a number above low_freq_factor ", out.low_freq_factor));
  }
  out.original_max_position_embeddings = s.get_int("original_max_position_embeddings", 1).value_or(0);
  out.beta_fast = s.get_float("beta_fast", kTiny, kLarge).value_or(out.beta_fast);
  out.beta_slow = s.get_float("beta_slow", kTiny, kLarge).value_or(out.beta_slow);
  out.attention_factor = s.get_float("attention_factor", kTiny, kLarge).value_or(0.0);
  out.mscale = s.get_float("mscale").value_or(0.0);
  out.mscale_all_dim = s.get_float("mscale_all_dim").value_or(0.0);
  out.truncate = s.get_bool("truncate").value_or(true);
}

}  // namespace

ops::RopeScaling read_rope_scaling(const formats::ConfigSection& s) {
  ops::RopeScaling out;
  out.kind = kind_of(s);
  if (out.kind != ops::RopeScalingKind::kNone) {
    read_published(s, out);
  }
  if (const auto factors = s.get_floats("factors")) {  // GGUF's rope_freqs tensor
    out.kind = ops::RopeScalingKind::kFactors;
    for (const double factor : *factors) {
      if (!(factor >= kTiny && factor <= kLarge)) {
        s.reject("factors", concat("numbers above 0, it holds ", factor));
      }
    }
    out.factors.assign(factors->begin(), factors->end());
  }
  return out;
}

ops::RopeOptions read_rope(const formats::ConfigSection& config, int64_t max_positions) {
  ops::RopeOptions out;
  out.max_positions = max_positions;
  out.theta = config.get_float("rope_theta", kTiny, kLarge).value_or(out.theta);
  for (const char* key : {"rope_scaling", "rope_parameters"}) {
    if (const auto section = config.section(key)) {
      out.theta = section->get_float("rope_theta", kTiny, kLarge).value_or(out.theta);
      out.scaling = read_rope_scaling(*section);
    }
  }
  return out;
}

}  // namespace pio::nn
