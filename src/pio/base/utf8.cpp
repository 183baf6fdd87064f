// SPDX-License-Identifier: Apache-2.0
#include "pio/base/utf8.h"

namespace pio::utf8 {

Decoded decode(std::string_view text, size_t at) noexcept {
  const auto byte = [&](size_t i) {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0u;
  };
  const unsigned lead = byte(0);
  if (lead < 0x80) {
    return {static_cast<char32_t>(lead), 1, true};
  }
  // Unicode table 3-7: the range of the second byte depends on the lead.
  size_t size = 0;
  unsigned low = 0x80;
  unsigned high = 0xBF;
  if (lead >= 0xC2 && lead <= 0xDF) {
    size = 2;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    size = 3;
    low = lead == 0xE0 ? 0xA0 : low;
    high = lead == 0xED ? 0x9F : high;
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    size = 4;
    low = lead == 0xF0 ? 0x90 : low;
    high = lead == 0xF4 ? 0x8F : high;
  } else {
    return {kReplacement, 1, false};
  }
  char32_t code_point = lead & (0x7Fu >> size);
  for (size_t i = 1; i < size; ++i) {
    const unsigned next = byte(i);
    if (next < low || next > high) {
      return {kReplacement, i, false};
    }
    code_point = (code_point << 6) | (next & 0x3Fu);
    low = 0x80;
    high = 0xBF;
  }
  return {code_point, size, true};
}

void append(std::string& out, char32_t c) {
  const auto put = [&](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) {
    c = kReplacement;
  }
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | (c >> 6));
    put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | (c >> 12));
    put(0x80 | ((c >> 6) & 0x3F));
    put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | (c >> 18));
    put(0x80 | ((c >> 12) & 0x3F));
    put(0x80 | ((c >> 6) & 0x3F));
    put(0x80 | (c & 0x3F));
  }
}

bool is_valid(std::string_view text) noexcept {
  for (size_t at = 0; at < text.size();) {
    const auto decoded = decode(text, at);
    if (!decoded.valid) {
      return false;
    }
    at += decoded.size;
  }
  return true;
}

std::string sanitized(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const auto decoded = decode(text, at);
    append(out, decoded.code_point);
    at += decoded.size;
  }
  return out;
}

}  // namespace pio::utf8
