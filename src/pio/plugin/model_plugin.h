// SPDX-License-Identifier: Apache-2.0
// What a model folder implements: ModelPluginInterface, or with less work CausalLMPlugin.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "pio/base/json.h"
#include "pio/generation/generator.h"
#include "pio/generation/session.h"
#include "pio/nn/model.h"
#include "pio/plugin/base_config.h"
#include "pio/plugin/custom_model_loader.h"
#include "pio/plugin/gguf_config.h"
#include "pio/plugin/text_loader.h"

namespace pio::plugin {

/// How a checkpoint is loaded and run.
struct LoadOptions {
  WeightFormat weights = WeightFormat::kAuto;
  plan::KvType kv_type = plan::KvType::kF16;
  int64_t context = 0;  ///< 0: what the model was made for
  int64_t sequences = 1;
  int64_t chunk = 512;
  std::set<std::string> disabled_passes;
  bool taps = false;
  bool allow_extra = false;
  /// The files at config.model_path, if somebody opened them already.
  std::optional<formats::Checkpoint> checkpoint;
  std::shared_ptr<kernels::Device> device;  ///< null: the CPU, over the shared pool
  plan::Executor::Progress progress;
};

/// The life of an architecture: created without arguments, initialize(), load_model(), infer().
class ModelPluginInterface {
 public:
  virtual ~ModelPluginInterface() = default;

  /// Takes configuration fields by name. Errors: kInvalidArgument for an unknown one.
  virtual void initialize(const json::Object& fields) = 0;
  /// Opens the checkpoint at config.model_path and makes the model ready.
  virtual void load_model(const LoadOptions& options) = 0;
  /// Answers one request. An architecture that writes its own loop overrides it, over a Session.
  [[nodiscard]] virtual generation::GenerationResult infer(generation::Request request) = 0;
  /// Whether infer is the architecture's own.
  [[nodiscard]] virtual bool has_own_loop() const noexcept { return false; }
};

/// An architecture that maps ids to logits: it gives a config and a model, and has tokenization, the chat
/// template and the generation loop.
class CausalLMPlugin : public ModelPluginInterface {
 public:
  void initialize(const json::Object& fields) override;
  void load_model(const LoadOptions& options) override;
  [[nodiscard]] generation::GenerationResult infer(generation::Request request) override;

  [[nodiscard]] BaseConfig& config();
  [[nodiscard]] nn::Model& model();
  [[nodiscard]] generation::Runner& runner() { return *runner_; }
  [[nodiscard]] generation::Generator& generator() { return *generator_; }
  [[nodiscard]] const TextParts& text() const noexcept { return text_; }
  /// A sequence of its own on this model, for loops by hand.
  [[nodiscard]] generation::Session session() { return generation::Session(*runner_); }
  /// Bytes of weights in the checkpoint's files.
  [[nodiscard]] int64_t weight_bytes() const noexcept { return weight_bytes_; }

 protected:
  /// A config with defaults.
  [[nodiscard]] virtual std::unique_ptr<BaseConfig> make_config() const = 0;
  /// The model for `config`, which make_config made.
  [[nodiscard]] virtual std::unique_ptr<nn::Model> make_model(const BaseConfig& config) const = 0;
  /// What differs from other decoders in the tensors of a GGUF or Hugging Face checkpoint.
  [[nodiscard]] virtual LoadRules load_rules(const CustomModelLoader& loader) const;

 private:
  std::unique_ptr<BaseConfig> config_;
  json::Object overrides_;
  std::unique_ptr<nn::Model> model_;
  int64_t weight_bytes_ = 0;
  TextParts text_;
  std::unique_ptr<generation::Runner> runner_;
  std::unique_ptr<generation::Generator> generator_;
};

}  // namespace pio::plugin
