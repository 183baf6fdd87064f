// SPDX-License-Identifier: Apache-2.0
// Safetensors files from arbitrary bytes: an Error or a source whose every byte can be read.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "pio/base/error.h"
#include "pio/formats/safetensors.h"

namespace {

volatile unsigned g_sink = 0;

void touch(std::span<const std::byte> bytes) {
  unsigned sum = 0;
  for (const std::byte value : bytes) {
    sum += std::to_integer<unsigned>(value);
  }
  g_sink = g_sink + sum;
}

void read_all(const pio::formats::SafetensorsFile& file) {
  for (const auto& tensor : file.tensors()) {
    touch(tensor.bytes);
    const auto& traits = pio::quant::traits(tensor.type);
    const auto count = static_cast<int64_t>(tensor.bytes.size()) / traits.block_bytes;
    std::vector<float> values(static_cast<size_t>(count));
    traits.dequantize(tensor.bytes.data(), values.data(), count);
    if (file.find(tensor.name) != &tensor) {
      __builtin_trap();
    }
  }
  for (const auto& other : file.others()) {
    touch(other.bytes);
  }
  for (const auto& [key, value] : file.metadata()) {
    touch(std::as_bytes(std::span(key)));
    touch(std::as_bytes(std::span(value)));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    read_all(pio::formats::SafetensorsFile(std::as_bytes(std::span(data, size)), "fuzz"));
  } catch (const pio::Error&) {  // the one accepted way to refuse; anything else is a finding
  }
  return 0;
}
