// SPDX-License-Identifier: Apache-2.0
#include "command.h"

#include <charconv>

#include "pio/base/error.h"
#include "pio/base/log.h"
#include "pio/kernels/cpu/cpu_device.h"
#include "pio/kernels/registry.h"
#include "pio/plan/passes/passes.h"
#include "pio/plugin/load_causal.h"

namespace pio::apps {

kernels::Isa parse_isa(const std::string& text) {
  if (text.empty()) {
    return kernels::default_isa();
  }
  try {
    return kernels::usable_isa("", text);
  } catch (const Error& error) {
    throw UsageError("--isa", error.what());
  }
}

void ModelOptions::add_to(Options& options, bool required) {
  options.add("MODEL", model, "Folder, .gguf file, or name of a checkpoint").required(required);
  options.add("-t,--threads", threads, {1, plugin::LoadOptions::kMaxThreads}, "Worker threads");
  options.add("--weights", weights, "auto, f32, f16, bf16, q8 or q4: quantize on load")
      .one_of({"auto", "f32", "f16", "bf16", "q8", "q4"});
  options.add("--kv", kv, "Cache of keys and values: f32, f16 or q8").one_of({"f32", "f16", "q8"});
  options.add("-c,--ctx", context, {1, plugin::LoadOptions::kMaxContext},
              "Context in tokens; by default the model's");
  options.add("--chunk", chunk, {1, plugin::LoadOptions::kMaxChunk},
              "Rows that a prompt is cut into");
  options.add("--plugin", plugin, "Architecture to use instead of the one the checkpoint names")
      .not_empty();
  options.add("--isa", isa, "Instruction set: reference, avx2, avxvnni, avx512 or avx512_bf16")
      .not_empty();
  options.add("--disable-pass", disabled_passes, "Graph passes to leave out, or all").not_empty();
  options.add_flag("--allow-extra", allow_extra, "Unexpected tensors are a warning");
  options.add_flag("--fast-prompt", fast_prompt, "Reserved: the exact path is the only one so far");
}

plugin::LoadOptions ModelOptions::load_options() const {
  const kernels::Isa set = parse_isa(isa);
  if (fast_prompt) {
    throw UsageError("--fast-prompt", "this build has the exact path only");
  }
  plugin::LoadOptions out;
  out.weights = plugin::weight_format(weights);
  out.kv_type = plugin::kv_format(kv, out.weights);
  out.context = context;
  out.chunk = chunk;
  try {
    out.disabled_passes = plan::parse_disabled(disabled_passes);
  } catch (const Error& error) {
    throw UsageError("--disable-pass", error.what());
  }
  out.allow_extra = allow_extra;
  auto pool = threads > 0 ? std::make_shared<ThreadPool>(static_cast<int>(threads), default_pinning())
                          : kernels::shared_pool();
  out.device = std::make_shared<kernels::CpuDevice>(std::move(pool), set);
  return out;
}

namespace {
void log_passes(plugin::CausalLMPlugin& model) {
  for (const plan::PassTiming& pass : model.runner().plans().timings()) {
    const auto microseconds = static_cast<int64_t>(pass.milliseconds * 1000);
    log::write(log::Level::kDebug, concat("pass ", pass.name, ": ", microseconds, " us"));
  }
}
}  // namespace

std::shared_ptr<plugin::CausalLMPlugin> load_model(const ModelOptions& options,
                                                   const plugin::LoadOptions& load) {
  const auto path = resolve_model(options.model);
  try {
    auto out = plugin::load_causal(plugin::model_factory(), options.plugin, path, load);
    throw_if_interrupted();
    log_passes(*out);
    return out;
  } catch (const Error& error) {
    throw ModelError(error);
  }
}

std::shared_ptr<plugin::ModelPluginInterface> load_answering(const ModelOptions& options) {
  plugin::LoadOptions load = options.load_options();
  ProgressBar bar("loading");
  load.progress = [&](int64_t done, int64_t total) { bar.update(done, total); };
  const auto path = resolve_model(options.model);
  try {
    auto out = plugin::load_generative(plugin::model_factory(), options.plugin, path, load);
    throw_if_interrupted();
    if (auto* causal = plugin::loaded_causal(*out); causal != nullptr) {
      log_passes(*causal);
    }
    return out;
  } catch (const Error& error) {
    throw ModelError(error);
  }
}

std::vector<int32_t> parse_ids(const std::string& text) {
  std::vector<int32_t> out;
  const char* at = text.data();
  const char* end = at + text.size();
  while (at < end) {
    int32_t id = 0;
    const auto [next, error] = std::from_chars(at, end, id);
    const bool separated = next == end || *next == ',';
    if (error != std::errc() || !separated || id < 0) {
      throw UsageError("--ids", concat("\"", escaped(text), "\": expected ids like 1,2,3"));
    }
    out.push_back(id);
    at = next == end ? end : next + 1;
  }
  if (text.ends_with(',')) {
    throw UsageError("--ids", concat("\"", escaped(text), "\": ends with a comma"));
  }
  return out;
}

std::vector<int32_t> parse_prompt_ids(const std::string& text) {
  auto out = parse_ids(text);
  if (out.empty()) {
    throw UsageError("--ids", "is empty, expected ids like 1,2,3");
  }
  return out;
}

}  // namespace pio::apps
