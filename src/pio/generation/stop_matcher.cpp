// SPDX-License-Identifier: Apache-2.0
#include "pio/generation/stop_matcher.h"

#include <algorithm>
#include <utility>

#include "pio/base/error.h"

namespace pio::generation {

StopMatcher::StopMatcher(std::vector<std::string> stops) : stops_(std::move(stops)) {
  constexpr size_t kMaxStops = 16;
  constexpr size_t kMaxBytes = 1024;
  PIO_CHECK(stops_.size() <= kMaxStops, "stop: got ", stops_.size(), " texts, at most ", kMaxStops);
  for (const std::string& stop : stops_) {
    PIO_CHECK(!stop.empty(), "stop: got an empty text");
    PIO_CHECK(stop.size() <= kMaxBytes, "stop: got a text of ", stop.size(), " bytes, at most ",
              kMaxBytes);
    longest_ = std::max(longest_, stop.size());
  }
  held_.reserve(2 * longest_ + 256);
  shown_.reserve(2 * longest_ + 256);
}

std::string_view StopMatcher::push(std::string_view piece) {
  if (stopped_) {
    return {};
  }
  if (stops_.empty()) {
    return piece;
  }
  held_.append(piece);
  // The one that is complete first, however the text is cut into pieces; of those the longest.
  size_t begin = std::string::npos;
  size_t end = std::string::npos;
  for (const std::string& stop : stops_) {
    const size_t at = held_.find(stop);
    if (at != std::string::npos && std::pair(at + stop.size(), at) < std::pair(end, begin)) {
      begin = at;
      end = at + stop.size();
    }
  }
  if (begin != std::string::npos) {
    stopped_ = true;
    held_.resize(begin);
    return finish();
  }
  // Keep the longest tail that begins some stop text.
  size_t keep = 0;
  for (const std::string& stop : stops_) {
    for (size_t length = std::min(stop.size() - 1, held_.size()); length > keep; --length) {
      if (held_.compare(held_.size() - length, length, stop, 0, length) == 0) {
        keep = length;
        break;
      }
    }
  }
  shown_.assign(held_, 0, held_.size() - keep);
  held_.erase(0, held_.size() - keep);
  return shown_;
}

std::string_view StopMatcher::finish() {
  shown_.assign(held_);
  held_.clear();
  return shown_;
}

}  // namespace pio::generation
