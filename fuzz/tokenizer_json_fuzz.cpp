// SPDX-License-Identifier: Apache-2.0
// The bytes are a tokenizer.json; what loads has to encode and decode some text.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "pio/base/error.h"
#include "pio/text/detokenizer.h"
#include "pio/text/tokenizer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const auto tokenizer =
        pio::text::Tokenizer::from_json(text, "fuzz.json", text.substr(0, 64), "fuzz_config.json");
    static_cast<void>(tokenizer);
  } catch (const pio::Error&) {
  }
  try {
    const auto tokenizer = pio::text::Tokenizer::from_json(text, "fuzz.json");
    for (const bool flag : {false, true}) {
      const auto ids = tokenizer->encode(
          "ab<s> I'll 12\n caf\xc3\xa9 e\xcc\x81 \xe4\xbd\xa0\xff\xf0\x9f\x98\x80  aaab",
          {.add_special = flag, .parse_special = flag});
      static_cast<void>(tokenizer->decode(ids, flag));
      pio::text::Detokenizer detokenizer(tokenizer, flag);
      for (const int32_t id : ids) {
        static_cast<void>(detokenizer.push(id));
      }
      static_cast<void>(detokenizer.finish());
    }
  } catch (const pio::Error&) {
  }
  return 0;
}
