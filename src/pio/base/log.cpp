// SPDX-License-Identifier: Apache-2.0
#include "pio/base/log.h"

#include <memory>
#include <mutex>
#include <utility>

namespace pio::log {
namespace {

struct State {
  std::mutex mutex;
  std::shared_ptr<const Sink> sink;
  Level max_level = Level::kWarning;
};

State& state() {
  static State instance;
  return instance;
}

}  // namespace

void set_sink(Sink sink, Level max_level) {
  auto shared = sink ? std::make_shared<const Sink>(std::move(sink)) : nullptr;
  const std::lock_guard lock(state().mutex);
  state().sink.swap(shared);
  state().max_level = max_level;
}

void write(Level level, const std::string& line) {
  std::shared_ptr<const Sink> sink;
  {
    const std::lock_guard lock(state().mutex);
    if (level <= state().max_level) {
      sink = state().sink;
    }
  }
  if (sink != nullptr) {
    (*sink)(level, line);
  }
}

}  // namespace pio::log
