// SPDX-License-Identifier: Apache-2.0
#include "apps/scaffold/shortest_real.h"

#include <array>
#include <charconv>
#include <cmath>

namespace pio::apps {

std::string shortest_real(double value) {
  std::array<char, 40> buffer{};
  const double size = std::abs(value);
  const auto format = size == 0 || (size >= 1e-4 && size < 1e15) ? std::chars_format::fixed
                                                                 : std::chars_format::scientific;
  const float narrow = size < 1e15 ? static_cast<float>(value) : 0.0f;
  char* end = buffer.data() + buffer.size();
  end = static_cast<double>(narrow) == value ? std::to_chars(buffer.data(), end, narrow, format).ptr
                                             : std::to_chars(buffer.data(), end, value, format).ptr;
  std::string out(buffer.data(), end);
  return out.find_first_of(".e") == std::string::npos ? out + ".0" : out;
}

}  // namespace pio::apps
