// SPDX-License-Identifier: Apache-2.0
#include "iso_time.h"

#include <algorithm>
#include <string_view>

namespace pio::apps {
namespace {

// Takes a text from its front. By hand: <regex> takes longer to compile than the rest of a command.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool take(char c) {
    const bool is_next = rest_.starts_with(c);
    rest_.remove_prefix(is_next ? 1 : 0);
    return is_next;
  }
  void expect(char c) { is_good_ = take(c) && is_good_; }
  // The number of exactly so many digits.
  int number(size_t digits) {
    const std::string_view text = rest_.substr(0, digits);
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    is_good_ = is_good_ && text.size() == digits && std::ranges::all_of(text, is_digit);
    int out = 0;
    for (const char c : text) {
      out = out * 10 + (c - '0');
    }
    rest_.remove_prefix(text.size());
    return out;
  }
  // Whether all that was expected was there, and nothing else.
  [[nodiscard]] bool is_done() const noexcept { return is_good_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool is_good_ = true;
};

}  // namespace

std::optional<std::chrono::system_clock::time_point> parse_iso_time(const std::string& text) {
  namespace ch = std::chrono;
  Reader in(text);
  const ch::year year(in.number(4));
  in.expect('-');
  const ch::month month(static_cast<unsigned>(in.number(2)));
  in.expect('-');
  const ch::day day(static_cast<unsigned>(in.number(2)));
  int hour = 0, minute = 0, second = 0, offset_hour = 0, offset_minute = 0;
  bool is_west = false;
  if (in.take('T')) {
    hour = in.number(2);
    in.expect(':');
    minute = in.number(2);
    second = in.take(':') ? in.number(2) : 0;
    is_west = in.take('-');
    if (is_west || in.take('+')) {
      offset_hour = in.number(2);
      in.expect(':');
      offset_minute = in.number(2);
    } else {
      in.take('Z');
    }
  }
  const ch::year_month_day date(year, month, day);
  const bool is_time = hour < 24 && minute < 60 && second < 60;
  const bool is_offset = offset_hour < 24 && offset_minute < 60;
  if (!in.is_done() || !date.ok() || !is_time || !is_offset) {
    return std::nullopt;
  }
  const auto local =
      ch::sys_days(date) + ch::hours(hour) + ch::minutes(minute) + ch::seconds(second);
  const auto offset = ch::hours(offset_hour) + ch::minutes(offset_minute);
  return is_west ? local + offset : local - offset;
}

}  // namespace pio::apps
