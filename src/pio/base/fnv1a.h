// SPDX-License-Identifier: Apache-2.0
// FNV-1a, 64 bits (Fowler, Noll, Vo 1991): a hash that is the same on every machine, not for
// hostile keys.
#pragma once

#include <cstdint>
#include <string_view>

namespace pio {

/// The hash of the bytes of `text`.
[[nodiscard]] constexpr uint64_t fnv1a(std::string_view text) noexcept {
  uint64_t out = 0xcbf29ce484222325ull;
  for (const char c : text) {
    out = (out ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
  }
  return out;
}

}  // namespace pio
