// SPDX-License-Identifier: Apache-2.0
#include "iso_time.h"

#include <regex>

namespace pio::apps {

std::optional<std::chrono::system_clock::time_point> parse_iso_time(const std::string& text) {
  namespace ch = std::chrono;
  static const std::regex kForm(
      "([0-9]{4})-([0-9]{2})-([0-9]{2})"
      "(?:T([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?(?:Z|([+-])([0-9]{2}):([0-9]{2}))?)?");
  std::smatch parts;
  if (text.size() > 32 || !std::regex_match(text, parts, kForm)) {
    return std::nullopt;
  }
  const auto number = [&](size_t i) { return parts[i].matched ? std::stoi(parts[i]) : 0; };
  const auto month = static_cast<unsigned>(number(2));
  const auto day = static_cast<unsigned>(number(3));
  const ch::year_month_day date(ch::year(number(1)), ch::month(month), ch::day(day));
  const bool is_time = number(4) < 24 && number(5) < 60 && number(6) < 60;
  const bool is_offset = number(8) < 24 && number(9) < 60;
  if (!date.ok() || !is_time || !is_offset) {
    return std::nullopt;
  }
  const auto local =
      ch::sys_days(date) + ch::hours(number(4)) + ch::minutes(number(5)) + ch::seconds(number(6));
  const auto offset = ch::hours(number(8)) + ch::minutes(number(9));
  return parts[7] == "-" ? local + offset : local - offset;
}

}  // namespace pio::apps
