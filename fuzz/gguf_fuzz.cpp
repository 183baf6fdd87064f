// SPDX-License-Identifier: Apache-2.0
// GGUF files from arbitrary bytes: an Error or a source whose every byte and value can be read, its
// metadata as a config, and its vocabulary as a tokenizer.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "pio/base/error.h"
#include "pio/formats/gguf.h"
#include "pio/plugin/gguf_config.h"
#include "pio/plugin/text_loader.h"

namespace {

volatile unsigned g_sink = 0;

void touch(std::span<const std::byte> bytes) {
  unsigned sum = 0;
  for (const std::byte value : bytes) {
    sum += std::to_integer<unsigned>(value);
  }
  g_sink = g_sink + sum;
}

template <class Get>
void try_get(Get get) {
  try {
    static_cast<void>(get());
  } catch (const pio::Error&) {  // another type than the getter's
  }
}

void read_value(const pio::formats::GgufFile& file, std::string_view key) {
  try_get([&] { return file.get_uint(key, 1, 1000); });
  try_get([&] { return file.get_int(key); });
  try_get([&] { return file.get_float(key); });
  try_get([&] { return file.get_bool(key); });
  try_get([&] { return file.get_array_of_ints(key); });
  try_get([&] { return file.get_array_of_floats(key); });
  try_get([&] { return file.get_array_of_bools(key); });
  try_get([&] {
    touch(std::as_bytes(std::span(file.get_string(key).value())));
    return 0;
  });
  try_get([&] {
    const auto texts = file.get_array_of_strings(key);
    for (const std::string_view text : texts.value()) {
      touch(std::as_bytes(std::span(text)));
    }
    return 0;
  });
}

void read_all(const pio::formats::GgufFile& file) {
  for (const auto& entry : file.entries()) {
    read_value(file, entry.key);
  }
  for (const auto& tensor : file.tensors()) {
    touch(tensor.bytes);
    const auto& traits = pio::quant::traits(tensor.type);
    const auto count =
        static_cast<int64_t>(tensor.bytes.size()) / traits.block_bytes * traits.block_weights;
    std::vector<float> values(static_cast<size_t>(count));
    traits.dequantize(tensor.bytes.data(), values.data(), count);
    if (file.find(tensor.name) != &tensor) {
      __builtin_trap();
    }
  }
  for (const auto& other : file.others()) {
    touch(other.bytes);
  }
}

void tokenize(const std::shared_ptr<const pio::formats::GgufFile>& file) {
  const pio::formats::Checkpoint checkpoint{pio::formats::CheckpointKind::kGguf, "fuzz", file, file,
                                            nullptr};
  const auto tokenizer = pio::plugin::load_tokenizer(checkpoint);
  if (tokenizer != nullptr) {
    const auto ids = tokenizer->encode("ab<s> I'll 12\n caf\xc3\xa9 e\xcc\x81\xff aaab", {});
    static_cast<void>(tokenizer->decode(ids, true));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    const auto file = std::make_shared<const pio::formats::GgufFile>(
        std::as_bytes(std::span(data, size)), "fuzz");
    read_all(*file);
    try_get([&] { return pio::plugin::gguf_config(*file); });
    tokenize(file);
  } catch (const pio::Error&) {  // the one accepted way to refuse; anything else is a finding
  }
  return 0;
}
