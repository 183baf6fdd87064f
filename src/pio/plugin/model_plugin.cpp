// SPDX-License-Identifier: Apache-2.0
#include "pio/plugin/model_plugin.h"

#include <cstring>

#include "pio/base/error.h"
#include "pio/base/log.h"
#include "pio/kernels/cpu/cpu_device.h"
#include "pio/kernels/registry.h"
#include "pio/plugin/gguf_config.h"

namespace pio::plugin {
namespace {

// A head that a tied checkpoint carries as well, with other values, is used instead of the embedding.
bool has_head_of_its_own(const CustomModelLoader& loader, const LoadRules& rules) {
  const auto find = [&](const std::string& name) {
    return loader.checkpoint().weights->find(rules.file_name ? rules.file_name(name) : name);
  };
  const auto* head = find("lm_head.weight");
  const auto* embedding = find("model.embed_tokens.weight");
  if (head == nullptr || embedding == nullptr) {
    return false;
  }
  return head->type != embedding->type || head->shape != embedding->shape ||
         std::memcmp(head->bytes.data(), embedding->bytes.data(), head->bytes.size()) != 0;
}

// The context to run with. One beyond what the model was made for works, but rarely well.
int64_t context_of(const LoadOptions& options, const BaseConfig& config) {
  const int64_t made_for = config.max_position_embeddings;
  if (options.context > made_for) {
    log::write(log::Level::kWarning, concat("context ", options.context, ": the model was made for ",
                                            made_for, " positions, beyond them its answers may be bad"));
  }
  return options.context > 0 ? options.context : made_for;
}

// Tells the log how long each part of a load took.
class LoadLog {
 public:
  void done(std::string_view part) {
    const auto now = generation::Clock::now();
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(now - start_);
    log::write(log::Level::kDebug, concat("load: ", part, ": ", took.count(), " us"));
    start_ = now;
  }

 private:
  generation::Clock::time_point start_ = generation::Clock::now();
};

}  // namespace

plan::KvType kv_format(std::string_view name, WeightFormat weights) {
  if (name == "f32" || (name.empty() && weights == WeightFormat::kF32)) {
    return plan::KvType::kF32;
  }
  if (name == "f16" || name.empty()) {
    return plan::KvType::kF16;
  }
  PIO_CHECK(name == "q8", "[kv] got \"", escaped(name), "\", expected f32, f16 or q8");
  return plan::KvType::kQ8;
}

void ModelPluginInterface::initialize(const json::Object& fields) {
  config_ = make_config();
  overrides_ = fields;
  config_->override_with(fields);
}

void ModelPluginInterface::load_model(const LoadOptions& /*options*/) {}

generation::GenerationResult ModelPluginInterface::infer(generation::Request /*request*/) {
  fail(ErrorCode::kUnsupported, "[infer] this architecture is not generative");
}

BaseConfig& ModelPluginInterface::config() {
  if (config_ == nullptr) {
    initialize({});
  }
  return *config_;
}

std::unique_ptr<BaseConfig> ModelPluginInterface::make_config() const {
  return std::make_unique<BaseConfig>();
}

void ModelPluginInterface::load_config(const formats::ConfigSection& section) {
  config().load(section);
  config().override_with(overrides_);
}

const std::shared_ptr<nn::Module>& CausalLMPlugin::model() {
  if (loaded_ != nullptr) {
    return loaded_->model;
  }
  if (fresh_ == nullptr) {
    fresh_ = make_model(config());
  }
  return fresh_;
}

LoadRules CausalLMPlugin::load_rules(const CustomModelLoader& loader, const BaseConfig& /*config*/) const {
  LoadRules rules;
  if (loader.is_gguf()) {
    rules.file_name = gguf_name;
  }
  return rules;
}

void CausalLMPlugin::load_model(const LoadOptions& options) {
  if (!options.checkpoint && config().model_path.empty()) {
    return;
  }
  LoadLog phases;
  const CustomModelLoader loader(options.checkpoint ? *options.checkpoint
                                                    : formats::open_checkpoint(config().model_path));
  load_config(loader.config());
  LoadRules rules = load_rules(loader, config());
  rules.allow_extra = options.allow_extra;
  rules.format = options.weights;
  if (bool* tied = config().tied_head(); tied != nullptr && *tied) {
    if (has_head_of_its_own(loader, rules)) {
      *tied = false;
    } else {
      rules.ignored_parameters.emplace_back("lm_head.weight");
    }
  }
  auto out = std::make_shared<LoadedModel>();
  out->model = make_model(config());
  out->unread_tensors = loader.load_into(*out->model, rules);
  out->weight_bytes = loader.weight_bytes();
  phases.done("config and tensors");
  auto device = options.device;
  if (device == nullptr) {
    device = std::make_shared<kernels::CpuDevice>(kernels::shared_pool(), kernels::default_isa());
  }
  out->runner = std::make_unique<generation::Runner>(
      *out->model, std::move(device),
      generation::RunnerOptions{
          .context = context_of(options, config()),
          .sequences = options.sequences,
          .chunk = options.chunk,
          .kv_type = options.kv_type,
          .disabled_passes = options.disabled_passes,
          .taps = options.taps},
      generation::LoadHooks{.planned =
                                [&](int64_t vocab) {  // the tokenizer's errors come before the long part
                                  phases.done("plans");
                                  out->text = load_text(loader.checkpoint(), vocab);
                                  phases.done("tokenizer and template");
                                },
                            .progress = options.progress});
  phases.done("packed weights");
  out->generator = std::make_unique<generation::Generator>(*out->runner, out->text.tokenizer, out->text.eos);
  fresh_ = nullptr;
  loaded_ = std::move(out);
}

generation::GenerationResult CausalLMPlugin::infer(generation::Request request) {
  const std::shared_ptr<LoadedModel> loaded = loaded_;
  PIO_CHECK(loaded != nullptr, "[infer] nothing is loaded: load_model needs a model_path");
  const auto ticket = loaded->service().submit(std::move(request));
  ticket->wait();
  return ticket->take();
}

}  // namespace pio::plugin
