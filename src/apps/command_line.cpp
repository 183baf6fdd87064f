// SPDX-License-Identifier: Apache-2.0
#include "command_line.h"

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>

#include "command.h"
#include "pio/base/error.h"
#include "pio/base/log.h"
#include "pio/base/mmap_file.h"
#include "pio/base/thread_pool.h"
#include "pio/kernels/registry.h"

namespace pio::apps {

#define PIO_COMMAND(id, name) void add_##id(Options& options);
#include "commands.inc"
#undef PIO_COMMAND

const std::vector<Command>& commands() {
  static const std::vector<Command> list = {
#define PIO_COMMAND(id, name) {name, &add_##id},
#include "commands.inc"
#undef PIO_COMMAND
  };
  return list;
}

namespace {

const std::vector<std::string> kLogLevels = {"error", "warning", "info", "debug"};

// A model file cut short while mapped ends in a message; any other SIGBUS as if unhandled.
extern "C" void on_bus_error(int signal, siginfo_t* info, void* /*context*/) {
  if (MmapFile::is_mapped(info->si_addr)) {
    constexpr std::string_view kMessage =
        "error: a model file was truncated or became unreadable while it was mapped\n";
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, kMessage.data(), kMessage.size());
    ::_exit(kExitModel);
  }
  std::raise(signal);  // SA_RESETHAND: the default action by now
}

void handle_signals() {
  struct sigaction on_bus {};
  on_bus.sa_sigaction = on_bus_error;
  on_bus.sa_flags = SA_SIGINFO | SA_RESETHAND;
  ::sigaction(SIGBUS, &on_bus, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  arm_interrupt();
}

int report(int code, std::string_view message) {
  print_note("error", message);
  return code;
}

// One line per failure; the kind of error decides the exit code.
int guarded(const std::function<int()>& run) {
  try {
    return run();
  } catch (const Interrupted&) {
    return kExitInterrupted;
  } catch (const ModelError& error) {
    return report(kExitModel, error.what());
  } catch (const UsageError& error) {
    return report(kExitUsage, error.what());
  } catch (const std::exception& error) {
    return report(kExitFailure, error.what());
  }
}

// What a command left unchecked: an answer that did not get out is a failure.
int checked_output(int code) {
  if (code != kExitOk || try_print("")) {
    return code;
  }
  return report(kExitFailure, OutputError("").what());
}

// Environment values are checked before anything runs, so that a typo is never ignored.
void check_environment() {
  static_cast<void>(default_threads());
  static_cast<void>(default_pinning());
  static_cast<void>(kernels::default_isa());
  static_cast<void>(checkpoint_folders());
}

void add_log_level(Options options, std::string& level) {
  options.add("--log-level", level, "error, warning, info or debug").one_of(kLogLevels);
}

// Warnings and notes of the engine go where errors go.
void show_log(const std::string& level) {
  const auto at = std::ranges::find(kLogLevels, level) - kLogLevels.begin();
  log::set_sink(
      [](log::Level line_level, std::string_view line) {
        print_note(line_level == log::Level::kWarning ? "warning" : "note", line);
      },
      static_cast<log::Level>(at));
}

}  // namespace

int command_line(int argc, char** argv) {
  hold_standard_streams();
  handle_signals();
  Parser parser("inference-pio", "Runs language models from GGUF and safetensors files.",
                PIO_VERSION);
  std::string log_level = "warning";
  add_log_level(parser.options(), log_level);
  for (const Command& command : commands()) {
    Options options = parser.add_command(command.name);
    add_log_level(options, log_level);
    command.add(options);
  }
  std::function<int()> run;
  try {
    run = parser.parse(argc, argv);
  } catch (const UsageError& error) {
    return report(kExitUsage, error.what());
  }
  if (!run) {
    return checked_output(kExitOk);
  }
  show_log(log_level);
  try {
    check_environment();
  } catch (const std::exception& error) {
    return report(kExitUsage, error.what());
  }
  const int code = checked_output(guarded(run));
  return is_interrupted() ? kExitInterrupted : code;
}

}  // namespace pio::apps
