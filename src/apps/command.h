// SPDX-License-Identifier: Apache-2.0
// What the commands share: options, finding and loading the model, output.
#pragma once

#include <CLI/CLI.hpp>
#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "pio/base/json.h"
#include "pio/plugin/model_factory.h"

namespace pio::apps {

/// Exit codes of the command line.
inline constexpr int kExitOk = 0;
inline constexpr int kExitFailure = 1;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitModel = 3;
inline constexpr int kExitInterrupted = 130;

/// An error that concerns MODEL: it cannot be found, read or run.
class ModelError : public Error {
 public:
  explicit ModelError(const Error& error) : Error(error.code(), error.what()) {}
};

/// Options that commands with a MODEL have in common.
struct ModelOptions {
  std::string model;
  int64_t threads = 0;  ///< 0: PIO_THREADS, else one per usable CPU
  std::string weights = "auto";
  std::string kv;  ///< empty: f16, or f32 under --weights f32
  int64_t context = 0;
  int64_t chunk = 512;
  std::string plugin;
  std::string isa;
  std::string disabled_passes;
  bool allow_extra = false;
  bool fast_prompt = false;

  /// Adds them to `app`. required: MODEL must be given.
  void add_to(CLI::App& app, bool required = true);
  [[nodiscard]] plugin::LoadOptions load_options() const;
};

/// Folder of checkpoints that are found by name first, then those of INFERENCE_PIO_MODELS.
[[nodiscard]] std::vector<std::filesystem::path> checkpoint_folders();

/// A checkpoint that `models` lists.
struct FoundCheckpoint {
  std::string name;
  std::filesystem::path path;
  std::string architecture;
};
[[nodiscard]] std::vector<FoundCheckpoint> find_checkpoints();

/// Name of the checkpoint that `run` takes without arguments.
inline constexpr const char* kDefaultCheckpoint = "SmolLM2-135M-Instruct.Q4_1";

/// The path that MODEL stands for: itself, or a checkpoint by name. Errors: ModelError.
[[nodiscard]] std::filesystem::path resolve_model(const std::string& model);

/// Loads MODEL. Errors: ModelError.
[[nodiscard]] std::unique_ptr<plugin::CausalLMPlugin> load_model(const ModelOptions& options,
                                                                 const plugin::LoadOptions& load);

/// Opens a checkpoint's files alone. Errors: ModelError.
[[nodiscard]] formats::Checkpoint open_model(const std::string& model);

/// "1,2,3" as ids; "" as none. Errors: CLI::ValidationError.
[[nodiscard]] std::vector<int32_t> parse_ids(const std::string& text);
/// The same for a prompt, which must not be empty.
[[nodiscard]] std::vector<int32_t> parse_prompt_ids(const std::string& text);

/// Writes all of `text` to stdout.
void print(std::string_view text);

/// Shows how far loading is, on stderr: a bar on a terminal, else a line per second, so that what loads at once
/// leaves nothing there but its error. Workers may call update() at the same time.
class ProgressBar {
 public:
  explicit ProgressBar(std::string what);
  void update(int64_t done, int64_t total);
  void finish();

 private:
  static constexpr std::chrono::seconds kLinePause{1};
  std::string what_;
  bool is_terminal_;
  std::chrono::steady_clock::time_point next_line_;
  std::mutex mutex_;
  int64_t shown_ = -1;
  bool any_ = false;
};

/// One command: its name, help, and how it joins the parser. run() is called after parsing.
struct Command {
  const char* name;
  void (*add)(CLI::App& app, std::function<int()>& run);
};
[[nodiscard]] const std::vector<Command>& commands();

/// Whether Ctrl-C was pressed since the program began.
[[nodiscard]] bool is_interrupted() noexcept;

}  // namespace pio::apps
