// SPDX-License-Identifier: Apache-2.0
// The recorded numbers of SmolLM2: tests/golden/smollm2/, written by `make_golden.py smollm2`.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "pio/base/error.h"
#include "pio/base/json.h"
#include "pio/base/mmap_file.h"
#include "pio/formats/safetensors.h"

namespace pio::test {

inline const std::filesystem::path kSmolLM2 = "tests/golden/smollm2";

inline std::string read_text(const std::filesystem::path& path) {
  return std::string(MmapFile(path).text());
}

inline json::Value read_json(const std::filesystem::path& path) {
  return json::parse_value(read_text(path), path.string());
}

/// A number by its keys, from the outermost.
inline double number(const json::Value& document, std::initializer_list<std::string_view> keys) {
  const json::Value* at = &document;
  for (const std::string_view key : keys) {
    at = at->find(key);
    PIO_CHECK(at != nullptr, "no key ", key);
  }
  return at->as_double();
}

inline std::vector<int32_t> ids_of(const json::Value& list) {
  std::vector<int32_t> out;
  for (const json::Value& id : list.as_array()) {
    out.push_back(static_cast<int32_t>(id.as_integer()));
  }
  return out;
}

/// All values of a tensor. T: float for F32, int32_t for I32.
template <class T>
std::vector<T> values(const formats::SafetensorsFile& file, const std::string& name) {
  std::span<const std::byte> bytes;
  if constexpr (std::is_same_v<T, float>) {
    bytes = file.require(name).bytes;
  } else {
    const auto found = std::ranges::find(file.others(), name, &formats::OtherTensor::name);
    PIO_CHECK(found != file.others().end() && found->dtype == "I32", "no I32 tensor ", name);
    bytes = found->bytes;
  }
  std::vector<T> out(bytes.size() / sizeof(T));
  std::memcpy(out.data(), bytes.data(), bytes.size());
  return out;
}

/// log(sum(exp(logits))).
inline double log_sum_exp(std::span<const float> logits) {
  const float max = *std::ranges::max_element(logits);
  double sum = 0;
  for (const float value : logits) {
    sum += static_cast<double>(std::exp(value - max));
  }
  return static_cast<double>(max) + std::log(sum);
}

/// |got - expected| / |expected|, in Euclidean lengths.
inline double relative_distance(std::span<const float> expected, std::span<const float> got) {
  double off = 0;
  double length = 0;
  for (size_t i = 0; i < expected.size(); ++i) {
    const auto value = static_cast<double>(expected[i]);
    off += (static_cast<double>(got[i]) - value) * (static_cast<double>(got[i]) - value);
    length += value * value;
  }
  return std::sqrt(off / length);
}

}  // namespace pio::test
