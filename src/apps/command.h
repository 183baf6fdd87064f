// SPDX-License-Identifier: Apache-2.0
// What the commands share: exit codes, options of those with a MODEL, loading it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "checkpoints.h"
#include "interrupt.h"
#include "options.h"
#include "output.h"
#include "pio/kernels/kernel.h"

namespace pio::plugin {
class CausalLMPlugin;
class ModelPluginInterface;
struct LoadOptions;
}  // namespace pio::plugin

namespace pio::apps {

/// Exit codes of the command line.
inline constexpr int kExitOk = 0;
inline constexpr int kExitFailure = 1;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitModel = 3;
inline constexpr int kExitInterrupted = 130;

/// The instruction set that --isa asks for, or PIO_ISA's if `text` is empty. Errors: UsageError.
[[nodiscard]] kernels::Isa parse_isa(const std::string& text);

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

  /// Adds them to `options`. required: MODEL must be given.
  void add_to(Options& options, bool required = true);
  [[nodiscard]] plugin::LoadOptions load_options() const;
};

/// Loads MODEL. Errors: ModelError; Interrupted if Ctrl-C was pressed meanwhile.
[[nodiscard]] std::shared_ptr<plugin::CausalLMPlugin> load_model(const ModelOptions& options,
                                                                 const plugin::LoadOptions& load);

/// MODEL as what answers requests, be it with a loop of its own alone, with a progress bar. Errors: as load_model.
[[nodiscard]] std::shared_ptr<plugin::ModelPluginInterface> load_answering(const ModelOptions& options);

/// "1,2,3" as ids; "" as none. Errors: UsageError.
[[nodiscard]] std::vector<int32_t> parse_ids(const std::string& text);
/// The same for a prompt, which must not be empty.
[[nodiscard]] std::vector<int32_t> parse_prompt_ids(const std::string& text);

/// One command: its name, and what adds its description, options and action.
struct Command {
  const char* name;
  void (*add)(Options& options);
};
[[nodiscard]] const std::vector<Command>& commands();

}  // namespace pio::apps
