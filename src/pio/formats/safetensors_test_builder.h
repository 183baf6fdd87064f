// SPDX-License-Identifier: Apache-2.0
// Test helper: puts a safetensors file together from a header text and data, right or wrong.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "pio/base/error.h"
#include "pio/formats/hostile_test_support.h"

namespace pio::formats {

/// A file with `header` and `data` as they are; the length field is right.
inline std::string safetensors(std::string_view header, std::string_view data = {}) {
  std::string out;
  put(out, static_cast<uint64_t>(header.size()));
  return out.append(header).append(data);
}

/// A file that claims a header of `length` bytes and has `rest` behind the claim.
inline std::string claiming(uint64_t length, std::string_view rest = {}) {
  std::string out;
  put(out, length);
  return out.append(rest);
}

/// `"name":{"dtype":...,"shape":shape,"data_offsets":offsets}`, all as written.
inline std::string entry(std::string_view name, std::string_view dtype, std::string_view shape,
                         std::string_view offsets) {
  return concat("\"", name, "\":{\"dtype\":\"", dtype, "\",\"shape\":", shape,
                ",\"data_offsets\":", offsets, "}");
}

/// A file with the one tensor "a" and `bytes` zero bytes of data.
inline std::string one(std::string_view dtype, std::string_view shape, std::string_view offsets,
                       size_t bytes) {
  return safetensors("{" + entry("a", dtype, shape, offsets) + "}", std::string(bytes, '\0'));
}

/// A file with entries "a" and "b" (F32, [2]) at the given offsets and `bytes` of data.
inline std::string two(std::string_view a, std::string_view b, size_t bytes) {
  return safetensors("{" + entry("a", "F32", "[2]", a) + "," + entry("b", "F32", "[2]", b) + "}",
                     std::string(bytes, '\0'));
}

}  // namespace pio::formats
