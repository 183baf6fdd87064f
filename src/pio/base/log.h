// SPDX-License-Identifier: Apache-2.0
// Leveled log lines to one replaceable sink; the library itself never prints.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace pio::log {

enum class Level : uint8_t { kError, kWarning, kInfo, kDebug };

/// Receives each line (without newline) at or below the set level. May be called from several threads
/// at once, and may itself write lines.
using Sink = std::function<void(Level, std::string_view)>;

/// Replaces the sink (none at start: lines are dropped) and the most verbose level passed on. A line
/// under way in another thread may still reach the sink before.
void set_sink(Sink sink, Level max_level);

/// Sends one line to the sink.
void write(Level level, const std::string& line);

}  // namespace pio::log
