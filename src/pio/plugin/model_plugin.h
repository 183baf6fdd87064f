// SPDX-License-Identifier: Apache-2.0
// What a model folder implements: ModelPluginInterface, or with less work CausalLMPlugin.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "pio/base/json.h"
#include "pio/generation/session.h"
#include "pio/nn/model.h"
#include "pio/plugin/base_config.h"
#include "pio/plugin/custom_model_loader.h"
#include "pio/plugin/gguf_config.h"
#include "pio/plugin/loaded_model.h"

namespace pio::plugin {

/// How a checkpoint is loaded and run.
struct LoadOptions {
  // What a caller may ask for at most.
  static constexpr int64_t kMaxContext = int64_t{1} << 24;
  static constexpr int64_t kMaxChunk = 8192;
  static constexpr int64_t kMaxSequences = 1024;
  static constexpr int64_t kMaxThreads = 1024;

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

/// The cache's format called `name`: "f32", "f16" or "q8"; by default, "", f16, or f32 under f32 weights.
/// Errors: kInvalidArgument.
[[nodiscard]] plan::KvType kv_format(std::string_view name, WeightFormat weights);

/// The life of an architecture: created without arguments, initialize(), load_model(), infer(). Every step has a
/// body: an architecture writes those that it has.
class ModelPluginInterface {
 public:
  virtual ~ModelPluginInterface() = default;

  /// Takes configuration fields by name, those of make_config(). Errors: kInvalidArgument for an unknown one.
  virtual void initialize(const json::Object& fields);
  /// Opens the checkpoint at config().model_path and makes the model ready. Here: nothing.
  virtual void load_model(const LoadOptions& options);
  /// Answers one request, one at a time. An architecture that overrides it writes its own loop, over a Session.
  /// Errors: kUnsupported here: not generative.
  [[nodiscard]] virtual generation::GenerationResult infer(generation::Request request);

  /// The configuration; its defaults before initialize().
  [[nodiscard]] BaseConfig& config();

  /// Whether infer() is the architecture's own: noted by plugin_class() for what it makes.
  [[nodiscard]] bool has_own_loop() const noexcept { return has_own_loop_; }
  void note_own_loop(bool own) noexcept { has_own_loop_ = own; }

 protected:
  /// A config with defaults. Here: the fields that all have.
  [[nodiscard]] virtual std::unique_ptr<BaseConfig> make_config() const;
  /// Takes the file's values, under those that initialize() was given.
  void load_config(const formats::ConfigSection& section);

 private:
  std::unique_ptr<BaseConfig> config_;
  json::Object overrides_;
  bool has_own_loop_ = false;
};

/// An architecture that maps ids to logits: it gives a config and a model, and has tokenization, the chat
/// template and the generation loop.
class CausalLMPlugin : public ModelPluginInterface {
 public:
  /// Without a path there is nothing to load: the model keeps its fresh parameters.
  void load_model(const LoadOptions& options) override;
  /// Answers one request through the model's service; on_text is called on its thread. Thread-safe.
  /// Errors: kInvalidArgument before load_model(), and as Generator::submit's.
  [[nodiscard]] generation::GenerationResult infer(generation::Request request) override;

  /// The model: the loaded one, or before a load one with fresh parameters.
  [[nodiscard]] const std::shared_ptr<nn::Module>& model();
  /// What load_model() made; null before.
  [[nodiscard]] const std::shared_ptr<LoadedModel>& loaded() const noexcept { return loaded_; }

  // Parts of loaded(), which must not be null.
  [[nodiscard]] generation::Runner& runner() { return *loaded_->runner; }
  [[nodiscard]] generation::Generator& generator() { return *loaded_->generator; }
  [[nodiscard]] const TextParts& text() const noexcept { return loaded_->text; }
  /// A sequence of its own on this model, for loops by hand.
  [[nodiscard]] generation::Session session() { return generation::Session(*loaded_->runner); }

 protected:
  [[nodiscard]] std::unique_ptr<BaseConfig> make_config() const override = 0;
  /// The model for `config`, which make_config made: ids [1, rows] to logits [1, rows, vocab].
  [[nodiscard]] virtual std::shared_ptr<nn::Module> make_model(const BaseConfig& config) const = 0;
  /// What differs from other decoders in the tensors of a GGUF or Hugging Face checkpoint. config: finished, the
  /// caller's fields over the file's.
  [[nodiscard]] virtual LoadRules load_rules(const CustomModelLoader& loader, const BaseConfig& config) const;

 private:
  std::shared_ptr<nn::Module> fresh_;  // made by model() before a load
  std::shared_ptr<LoadedModel> loaded_;
};

}  // namespace pio::plugin
