// SPDX-License-Identifier: Apache-2.0
#include "pio/base/log.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace pio {
namespace {

class Log : public testing::Test {
 protected:
  ~Log() override { log::set_sink(nullptr, log::Level::kWarning); }
};

TEST_F(Log, PassesLinesUpToTheLevel) {
  std::vector<std::string> lines;
  log::set_sink([&](log::Level, std::string_view line) { lines.emplace_back(line); },
                log::Level::kInfo);
  log::write(log::Level::kError, "a");
  log::write(log::Level::kInfo, "b");
  log::write(log::Level::kDebug, "c");
  EXPECT_EQ(lines, (std::vector<std::string>{"a", "b"}));
}

TEST_F(Log, WithoutASinkLinesAreDropped) {
  log::set_sink(nullptr, log::Level::kDebug);
  log::write(log::Level::kError, "nobody hears");
}

// The sink runs outside the lock: it may log, and replace itself.
TEST_F(Log, ASinkMayLog) {
  std::vector<std::string> lines;
  log::set_sink(
      [&](log::Level level, std::string_view line) {
        lines.emplace_back(line);
        if (level == log::Level::kError) {
          log::write(log::Level::kWarning, "from the sink");
        } else {
          log::set_sink(nullptr, log::Level::kWarning);
        }
      },
      log::Level::kWarning);
  log::write(log::Level::kError, "first");
  log::write(log::Level::kError, "dropped");
  EXPECT_EQ(lines, (std::vector<std::string>{"first", "from the sink"}));
}

TEST_F(Log, ASlowSinkHoldsNobodyUp) {
  log::set_sink(
      [&](log::Level level, std::string_view) {
        if (level == log::Level::kError) {
          std::jthread([] { log::write(log::Level::kWarning, "from another thread"); });
        }
      },
      log::Level::kWarning);
  log::write(log::Level::kError, "waits for the other thread's line");
}

}  // namespace
}  // namespace pio
