// SPDX-License-Identifier: Apache-2.0
#include "command.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "pio/base/env.h"
#include "pio/base/error.h"
#include "pio/kernels/cpu/cpu_device.h"
#include "pio/kernels/registry.h"
#include "pio/plan/passes/passes.h"
#include "pio/plugin/load_causal.h"

namespace pio::apps {

namespace fs = std::filesystem;

void ModelOptions::add_to(CLI::App& app, bool required) {
  auto* option = app.add_option("MODEL", model, "Folder, .gguf file, or name of a checkpoint");
  option->required(required);
  app.add_option("-t,--threads", threads, "Worker threads")->check(CLI::Range(1, 1024));
  app.add_option("--weights", weights, "auto, f32, f16, bf16, q8 or q4: quantize on load")
      ->check(CLI::IsMember({"auto", "f32", "f16", "bf16", "q8", "q4"}));
  app.add_option("--kv", kv, "Cache of keys and values: f32, f16 or q8")->transform(CLI::IsMember({"f32", "f16", "q8"}));
  app.add_option("-c,--ctx", context, "Context in tokens; by default the model's")
      ->check(CLI::Range(int64_t{1}, int64_t{1} << 24));
  app.add_option("--chunk", chunk, "Rows that a prompt is cut into")->check(CLI::Range(1, 8192));
  app.add_option("--plugin", plugin, "Architecture to use instead of the one the checkpoint names");
  app.add_option("--isa", isa, "Instruction set: reference, avx2, avxvnni or avx512");
  app.add_option("--disable-pass", disabled_passes, "Graph passes to leave out, or all");
  app.add_flag("--allow-extra", allow_extra, "Unexpected tensors are a warning");
  app.add_flag("--fast-prompt", fast_prompt, "Reserved: the exact path is the only one so far");
}

plugin::LoadOptions ModelOptions::load_options() const {
  kernels::Isa set = kernels::default_isa();
  if (!isa.empty()) {
    const auto wanted = kernels::isa_from_name(isa);
    if (!wanted || !kernels::is_available(*wanted)) {
      throw CLI::ValidationError("--isa", concat("\"", escaped(isa), "\": ",
                                                 wanted ? "this CPU lacks it" : "unknown",
                                                 "; the best here is ", kernels::name(kernels::best_isa())));
    }
    set = *wanted;
  }
  if (fast_prompt) {
    throw CLI::ValidationError("--fast-prompt", "this build has the exact path only");
  }
  plugin::LoadOptions out;
  out.weights = plugin::weight_format(weights);
  const std::string_view cache = !kv.empty() ? kv : weights == "f32" ? "f32" : "f16";
  out.kv_type = cache == "f32"   ? plan::KvType::kF32
                : cache == "f16" ? plan::KvType::kF16
                                 : plan::KvType::kQ8;
  out.context = context;
  out.chunk = chunk;
  try {
    out.disabled_passes = plan::parse_disabled(disabled_passes);
  } catch (const Error& error) {
    throw CLI::ValidationError("--disable-pass", error.what());
  }
  out.allow_extra = allow_extra;
  auto pool = threads > 0 ? std::make_shared<ThreadPool>(static_cast<int>(threads), default_pinning())
                          : kernels::shared_pool();
  out.device = std::make_shared<kernels::CpuDevice>(std::move(pool), set);
  return out;
}

std::vector<fs::path> checkpoint_folders() {
  std::vector<fs::path> out;
  const auto home = env_string("HOME");
  if (const auto cache = env_string("INFERENCE_PIO_CACHE")) {
    out.push_back(fs::path(*cache) / "models");
  } else if (const auto xdg = env_string("XDG_CACHE_HOME")) {
    out.push_back(fs::path(*xdg) / "inference-pio" / "models");
  } else if (home) {
    out.push_back(fs::path(*home) / ".cache" / "inference-pio" / "models");
  }
  std::string listed = env_string("INFERENCE_PIO_MODELS").value_or("");
  while (!listed.empty()) {
    const size_t colon = std::min(listed.find(':'), listed.size());
    if (colon > 0) {
      out.emplace_back(listed.substr(0, colon));
    }
    listed.erase(0, colon + 1);
  }
  return out;
}

std::vector<FoundCheckpoint> find_checkpoints() {
  std::vector<FoundCheckpoint> out;
  for (const fs::path& folder : checkpoint_folders()) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder, error)) {
      const fs::path& path = entry.path();
      const bool gguf = path.extension() == ".gguf" && entry.is_regular_file(error);
      const bool hf = entry.is_directory(error) && fs::exists(path / "config.json", error);
      if (gguf || hf) {
        out.push_back({.name = gguf ? path.stem().string() : path.filename().string(), .path = path});
      }
    }
  }
  std::ranges::sort(out, {}, &FoundCheckpoint::name);
  return out;
}

fs::path resolve_model(const std::string& model) {
  std::error_code error;
  if (fs::exists(model, error)) {
    return model;
  }
  std::string known;
  for (const FoundCheckpoint& found : find_checkpoints()) {
    if (found.name == model) {
      return found.path;
    }
    known += concat(known.empty() ? "" : ", ", found.name);
  }
  for (const auto& architecture : plugin::model_factory().available()) {
    if (architecture.manifest.name == model) {
      throw ModelError(Error(ErrorCode::kNotFound,
                             concat("\"", model, "\" is an architecture, not a checkpoint; checkpoints here: ",
                                    known.empty() ? "none" : known)));
    }
  }
  const std::string hint = model == kDefaultCheckpoint ? "; `make model` gets it" : "";
  throw ModelError(Error(ErrorCode::kNotFound,
                         concat("no model \"", escaped(model), "\": not a path, and not among the checkpoints (",
                                known.empty() ? "none" : known, ")", hint)));
}

formats::Checkpoint open_model(const std::string& model) {
  const fs::path path = resolve_model(model);
  try {
    return formats::open_checkpoint(path);
  } catch (const Error& error) {
    throw ModelError(error);
  }
}

std::unique_ptr<plugin::CausalLMPlugin> load_model(const ModelOptions& options,
                                                   const plugin::LoadOptions& load) {
  const fs::path path = resolve_model(options.model);
  try {
    return plugin::load_causal(plugin::model_factory(), options.plugin, path, load);
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
      throw CLI::ValidationError("--ids", concat("\"", escaped(text), "\": expected ids like 1,2,3"));
    }
    out.push_back(id);
    at = next == end ? end : next + 1;
  }
  if (text.ends_with(',')) {
    throw CLI::ValidationError("--ids", concat("\"", escaped(text), "\": ends with a comma"));
  }
  return out;
}

std::vector<int32_t> parse_prompt_ids(const std::string& text) {
  auto out = parse_ids(text);
  if (out.empty()) {
    throw CLI::ValidationError("--ids", "is empty, expected ids like 1,2,3");
  }
  return out;
}

void print(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

ProgressBar::ProgressBar(std::string what)
    : what_(std::move(what)),
      is_terminal_(::isatty(STDERR_FILENO) == 1),
      next_line_(std::chrono::steady_clock::now() + kLinePause) {}

void ProgressBar::update(int64_t done, int64_t total) {
  const int64_t now = total > 0 ? done * 100 / total : 100;
  const std::lock_guard lock(mutex_);
  if (now <= shown_) {
    return;
  }
  if (is_terminal_) {
    const auto filled = static_cast<size_t>(now * 30 / 100);
    std::fprintf(stderr, "\r%s [%s%s] %3d %%", what_.c_str(), std::string(filled, '#').c_str(),
                 std::string(30 - filled, '.').c_str(), static_cast<int>(now));
  } else if (const auto time = std::chrono::steady_clock::now(); time >= next_line_) {
    std::fprintf(stderr, "%s %d %%\n", what_.c_str(), static_cast<int>(now));
    next_line_ = time + kLinePause;
  }
  shown_ = now;
  any_ = true;
}

void ProgressBar::finish() {
  if (any_ && is_terminal_) {
    std::fprintf(stderr, "\r\033[K");
  }
}

}  // namespace pio::apps
