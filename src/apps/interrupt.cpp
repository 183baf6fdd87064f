// SPDX-License-Identifier: Apache-2.0
#include "interrupt.h"

#include <csignal>

namespace pio::apps {
namespace {

volatile std::sig_atomic_t interrupted =
    0;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

extern "C" void on_interrupt(int /*signal*/) { interrupted = 1; }

}  // namespace

void arm_interrupt() noexcept {
  interrupted = 0;
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  action.sa_flags =
      static_cast<int>(SA_RESETHAND);  // no SA_RESTART: a read of the keyboard ends too
  ::sigaction(SIGINT, &action, nullptr);
}

bool is_interrupted() noexcept { return interrupted != 0; }

void throw_if_interrupted() {
  if (is_interrupted()) {
    throw Interrupted();
  }
}

}  // namespace pio::apps
