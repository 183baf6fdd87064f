// SPDX-License-Identifier: Apache-2.0
// Points in time as options spell them.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace pio::apps {

/// "2026-01-31", "2026-01-31T12:00", "2026-01-31T12:00:00", the latter two with an offset from UTC
/// at will ("Z", "+02:00"), which is subtracted. Nothing for any other text and for days or times
/// that there are not.
[[nodiscard]] std::optional<std::chrono::system_clock::time_point> parse_iso_time(
    const std::string& text);

}  // namespace pio::apps
