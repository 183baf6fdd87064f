// SPDX-License-Identifier: Apache-2.0
#include "pio/generation/request.h"

namespace pio::generation {

std::string_view name(FinishReason reason) noexcept {
  constexpr std::string_view kNames[] = {"", "stop", "length", "cancelled", "error"};
  return kNames[static_cast<uint8_t>(reason)];
}

}  // namespace pio::generation
