// SPDX-License-Identifier: Apache-2.0
#include "apps/scaffold/templates.h"

#include "pio/base/error.h"

namespace pio::apps {
namespace {

// The length of the variable that `text` begins with, both % included, or 0.
size_t variable_length(std::string_view text) {
  const size_t end = text.find('%', 1);
  if (text.empty() || text.front() != '%' || end == std::string_view::npos || end < 2) {
    return 0;
  }
  for (const char c : text.substr(1, end - 1)) {
    if ((c < 'A' || c > 'Z') && c != '_') {
      return 0;
    }
  }
  return end + 1;
}

}  // namespace

std::string filled(std::string_view text, const std::map<std::string, std::string>& values) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const size_t length = variable_length(text.substr(at));
    if (length == 0) {
      out += text[at++];
      continue;
    }
    const auto value = values.find(std::string(text.substr(at + 1, length - 2)));
    if (value == values.end()) {
      fail(ErrorCode::kInternal, concat("template: no value for ", text.substr(at, length)));
    }
    const bool starts_line = at == 0 || text[at - 1] == '\n';
    out += value->second;
    at += length;
    if (starts_line && at < text.size() && text[at] == '\n' &&
        (value->second.empty() || value->second.ends_with('\n'))) {
      ++at;  // the line is gone, or ended by the value
    }
  }
  return out;
}

}  // namespace pio::apps
