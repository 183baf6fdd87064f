// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "arguments.h"
#include "command.h"
#include "pio/base/error.h"
#include "pio/base/log.h"
#include "pio/base/mmap_file.h"
#include "pio/base/thread_pool.h"
#include "pio/kernels/registry.h"

namespace pio::apps {

#define PIO_COMMAND(id, name) void add_##id(CLI::App& app, std::function<int()>& run);
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

volatile std::sig_atomic_t interrupted = 0;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

extern "C" void on_interrupt(int /*signal*/) { interrupted = 1; }

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
  std::signal(SIGINT, on_interrupt);
  std::signal(SIGPIPE, SIG_IGN);
}

int report(int code, std::string_view message) {
  std::fprintf(stderr, "error: %.*s\n", static_cast<int>(message.size()), message.data());
  return code;
}

// One line per failure; the kind of error decides the exit code.
int guarded(const std::function<int()>& run) {
  try {
    return run();
  } catch (const ModelError& error) {
    return report(kExitModel, error.what());
  } catch (const CLI::ParseError& error) {
    return report(kExitUsage, error.what());
  } catch (const std::exception& error) {
    return report(kExitFailure, error.what());
  }
}

// Environment values are checked before anything runs, so that a typo is never ignored.
void check_environment() {
  static_cast<void>(default_threads());
  static_cast<void>(default_pinning());
  static_cast<void>(kernels::default_isa());
}

int main_of(int argc, char** argv) {
  handle_signals();
  CLI::App app{"Runs language models from GGUF and safetensors files.", "inference-pio"};
  app.set_version_flag("--version", PIO_VERSION);
  app.require_subcommand(1);
  app.set_help_all_flag("--help-all", "Help of every command");
  std::string log_level = "warning";
  std::function<int()> run;
  for (const Command& command : commands()) {
    CLI::App* sub = app.add_subcommand(command.name);
    sub->add_option("--log-level", log_level, "error, warning, info or debug")
        ->check(CLI::IsMember({"error", "warning", "info", "debug"}));
    command.add(*sub, run);
  }
  try {
    app.parse(parser_arguments(app, argc, argv));
  } catch (const CLI::Success& done) {
    return app.exit(done);
  } catch (const CLI::RequiredError& error) {
    const bool named = argc > 1 && argv[1][0] != '-' && app.get_subcommands().empty();
    return report(kExitUsage, named ? concat("unknown command \"", escaped(argv[1]), "\"; see --help")
                                    : std::string(error.what()));
  } catch (const CLI::ParseError& error) {
    return report(kExitUsage, error.what());
  }
  const std::vector<std::string> levels = {"error", "warning", "info", "debug"};
  const auto level = std::find(levels.begin(), levels.end(), log_level) - levels.begin();
  log::set_sink(
      [](log::Level at, std::string_view line) {
        std::fprintf(stderr, "%s: %.*s\n", at == log::Level::kWarning ? "warning" : "note",
                     static_cast<int>(line.size()), line.data());
      },
      static_cast<log::Level>(level));
  try {
    check_environment();
  } catch (const std::exception& error) {
    return report(kExitUsage, error.what());
  }
  const int code = guarded(run);
  return is_interrupted() ? kExitInterrupted : code;
}

}  // namespace

bool is_interrupted() noexcept { return interrupted != 0; }

}  // namespace pio::apps

int main(int argc, char** argv) {
  return pio::apps::main_of(argc, argv);
}
