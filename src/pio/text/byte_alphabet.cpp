// SPDX-License-Identifier: Apache-2.0
#include "pio/text/byte_alphabet.h"

#include <array>

#include "pio/base/utf8.h"

namespace pio::text {
namespace {

// Printable Latin-1 bytes stand for themselves; the others count up from U+0100.
constexpr bool is_printable(unsigned byte) {
  return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte != 0xAD);
}

struct Alphabet {
  std::array<char32_t, 256> character{};
  std::array<int16_t, 0x144> byte{};  // -1: no byte's character

  constexpr Alphabet() {
    byte.fill(-1);
    char32_t next = 0x100;
    for (unsigned b = 0; b < 256; ++b) {
      character[b] = is_printable(b) ? char32_t{b} : next++;
      byte[character[b]] = static_cast<int16_t>(b);
    }
  }
};
constexpr Alphabet kAlphabet;

}  // namespace

void append_byte_characters(std::string& out, std::string_view bytes) {
  for (const char c : bytes) {
    utf8::append(out, kAlphabet.character[static_cast<unsigned char>(c)]);
  }
}

bool try_append_bytes(std::string& out, std::string_view text) {
  const size_t before = out.size();
  for (size_t at = 0; at < text.size();) {
    const auto decoded = utf8::decode(text, at);
    if (!decoded.valid || decoded.code_point >= kAlphabet.byte.size() ||
        kAlphabet.byte[decoded.code_point] < 0) {
      out.resize(before);
      return false;
    }
    out.push_back(static_cast<char>(kAlphabet.byte[decoded.code_point]));
    at += decoded.size;
  }
  return true;
}

}  // namespace pio::text
