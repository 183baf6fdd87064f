// SPDX-License-Identifier: Apache-2.0
// Reads one GGUF key or value from a cursor; private to the folder's gguf readers.
#pragma once

#include <cstdint>
#include <string_view>

#include "pio/formats/gguf_metadata.h"

namespace pio::formats {

/// Bytes of one element of a fixed-size type; 0 for strings and arrays.
[[nodiscard]] uint64_t size_bytes(GgufType type) noexcept;

/// Element `i` of an array of numbers or bools, as the matching alternative of GgufValue::data.
[[nodiscard]] GgufValue element(const GgufArray& array, uint64_t i);

/// Reads a key. Errors: kBadFile if it is empty, longer than 65,535 bytes, not UTF-8 or holds a
/// NUL.
[[nodiscard]] std::string_view read_key(ByteReader& reader);

/// Reads a type number and a value; `key` is for messages. Errors: kBadFile (unknown type, bool
/// that is neither 0 nor 1, length beyond the file, array of arrays).
[[nodiscard]] GgufValue read_value(ByteReader& reader, std::string_view key);

}  // namespace pio::formats
