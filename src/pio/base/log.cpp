// SPDX-License-Identifier: Apache-2.0
#include "pio/base/log.h"

#include <mutex>
#include <utility>

namespace pio::log {
namespace {

struct State {
  std::mutex mutex;
  Sink sink;
  Level max_level = Level::kWarning;
};

State& state() {
  static State instance;
  return instance;
}

}  // namespace

void set_sink(Sink sink, Level max_level) {
  const std::lock_guard lock(state().mutex);
  state().sink = std::move(sink);
  state().max_level = max_level;
}

void write(Level level, const std::string& line) {
  const std::lock_guard lock(state().mutex);
  if (state().sink && level <= state().max_level) {
    state().sink(level, line);
  }
}

}  // namespace pio::log
