// SPDX-License-Identifier: Apache-2.0
#include "pio/plan/passes/passes.h"

#include <chrono>

#include "pio/base/error.h"
#include "pio/plan/passes/list.h"
#include "pio/plan/verify.h"

namespace pio::plan {

const std::vector<Pass>& passes() {
  static const std::vector<Pass> list = {
      {"fold_weights", fold_weights, true},
      {"merge_equal", merge_equal, false},
      {"wanted_rows", wanted_rows, false},
      {"bind_states", bind_states, true},
      {"rope_kv", rope_kv, false},
      {"silu_mul", silu_mul, false},
      {"swiglu", swiglu, false},
      {"stack_matmuls", stack_matmuls, false},
      {"residual", residual, false},
      {"quantize_activations", quantize_activations, true},
      {"norm_quant", norm_quant, false},
      {"swiglu_quant", swiglu_quant, false},
  };
  return list;
}

std::set<std::string> parse_disabled(std::string_view text) {
  std::set<std::string> out;
  for (bool more = !text.empty(); more;) {
    const size_t comma = text.find(',');
    const std::string_view name = text.substr(0, comma);
    more = comma != std::string_view::npos;
    text.remove_prefix(more ? comma + 1 : text.size());
    std::string known;
    bool found = false;
    for (const Pass& pass : passes()) {
      if (!pass.required) {
        found = found || name == "all" || name == pass.name;
        known += concat(known.empty() ? "" : ", ", pass.name);
        if (name == "all") {
          out.emplace(pass.name);
        }
      }
    }
    PIO_CHECK(found, "unknown pass \"", escaped(name), "\": expected all, ", known);
    if (name != "all") {
      out.emplace(name);
    }
  }
  return out;
}

Graph run_passes(const Graph& graph, const std::set<std::string>& disabled,
                 std::vector<PassTiming>* timings) {
  using Clock = std::chrono::steady_clock;
  Graph out = graph;
  verify(out, "trace");
  for (const Pass& pass : passes()) {
    if (!pass.required && disabled.contains(std::string(pass.name))) {
      continue;
    }
    const auto start = Clock::now();
    out = pass.run(out);
    if (timings != nullptr) {
      const std::chrono::duration<double, std::milli> took = Clock::now() - start;
      timings->push_back({pass.name, took.count()});
    }
    verify(out, pass.name);
  }
  verify_lowerable(out);
  return out;
}

}  // namespace pio::plan
