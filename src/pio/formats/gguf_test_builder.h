// SPDX-License-Identifier: Apache-2.0
// Test helper: puts a GGUF file together from parts, right or wrong.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pio/formats/gguf_metadata.h"
#include "pio/formats/hostile_test_support.h"

namespace pio::formats {

/// Bytes of a GGUF string: length and text.
inline std::string gguf_string(std::string_view text) {
  std::string out;
  put(out, static_cast<uint64_t>(text.size()));
  return out.append(text);
}

/// Bytes of a number.
template <class T>
std::string raw(T value) {
  std::string out;
  put(out, value);
  return out;
}

/// Bytes of an array value: element type, count, payload.
inline std::string gguf_array(uint32_t element, uint64_t count, std::string_view payload = {}) {
  return raw(element) + raw(count) + std::string(payload);
}

/// A GGUF file in the making. Everything has a right default; set or add what should be wrong.
struct GgufBuilder {
  std::string magic = "GGUF";
  uint32_t version = 3;
  std::optional<uint64_t> n_tensors;  ///< instead of the true number
  std::optional<uint64_t> n_keys;
  uint64_t alignment = 32;
  std::string keys;
  std::string tensors;
  std::string data;
  uint64_t key_count = 0;
  uint64_t tensor_count = 0;

  GgufBuilder& key(std::string_view name, uint32_t type, std::string_view value) {
    keys += gguf_string(name) + raw(type) + std::string(value);
    ++key_count;
    return *this;
  }
  GgufBuilder& key(std::string_view name, GgufType type, std::string_view value) {
    return key(name, static_cast<uint32_t>(type), value);
  }
  GgufBuilder& key_u32(std::string_view name, uint32_t value) {
    return key(name, GgufType::kU32, raw(value));
  }
  GgufBuilder& key_string(std::string_view name, std::string_view value) {
    return key(name, GgufType::kString, gguf_string(value));
  }

  /// A tensor record; dims innermost first, as GGUF has them. `size` bytes of data follow the data
  /// written so far, padded; `offset` replaces the right one.
  GgufBuilder& tensor(std::string_view name, const std::vector<uint64_t>& dims, uint32_t type,
                      size_t size, std::optional<uint64_t> offset = {}) {
    data.resize((data.size() + alignment - 1) / alignment * alignment);
    tensors += gguf_string(name) + raw(static_cast<uint32_t>(dims.size()));
    for (const uint64_t dim : dims) {
      put(tensors, dim);
    }
    tensors += raw(type) + raw(offset.value_or(data.size()));
    for (size_t i = 0; i < size; ++i) {
      data.push_back(static_cast<char>(i % 251));
    }
    ++tensor_count;
    return *this;
  }

  [[nodiscard]] std::string build() const {
    std::string out = magic + raw(version) + raw(n_tensors.value_or(tensor_count)) +
                      raw(n_keys.value_or(key_count)) + keys + tensors;
    if (tensor_count > 0 && alignment > 0) {
      out.resize((out.size() + alignment - 1) / alignment * alignment);
    }
    return out + data;
  }
};

}  // namespace pio::formats
