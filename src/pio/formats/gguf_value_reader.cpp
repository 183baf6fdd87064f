// SPDX-License-Identifier: Apache-2.0
#include "pio/formats/gguf_value_reader.h"

#include "pio/base/checked.h"
#include "pio/base/utf8.h"

namespace pio::formats {
namespace {

constexpr uint64_t kMaxKeyBytes = 65535;
constexpr uint64_t kLengthBytes = sizeof(uint64_t);

GgufType read_type(ByteReader& reader, std::string_view key) {
  const auto id = reader.read<uint32_t>("value type");
  if (id > static_cast<uint32_t>(GgufType::kF64)) {
    reader.reject(concat("key \"", escaped(key), "\": unknown value type ", id));
  }
  return static_cast<GgufType>(id);
}

void check_bools(ByteReader& reader, std::string_view key, std::span<const std::byte> bytes) {
  for (const std::byte value : bytes) {
    if (std::to_integer<int>(value) > 1) {
      reader.reject(concat("key \"", escaped(key), "\": a bool is ", std::to_integer<int>(value),
                           ", expected 0 or 1"));
    }
  }
}

GgufArray read_array(ByteReader& reader, std::string_view key) {
  const GgufType element = read_type(reader, key);
  const auto count = reader.read<uint64_t>("array length");
  if (element == GgufType::kArray) {
    reader.reject(concat("key \"", escaped(key), "\": nested arrays unsupported"));
  }
  const uint64_t least = element == GgufType::kString ? kLengthBytes : size_bytes(element);
  if (count > reader.remaining() / least) {
    reader.reject(concat("key \"", escaped(key), "\": array of ", count, " ", name(element),
                         " exceeds the file, ", reader.remaining(), " bytes are left"));
  }
  if (element != GgufType::kString) {
    GgufArray out{element, count, reader.take(count * least, "array")};
    if (element == GgufType::kBool) {
      check_bools(reader, key, out.bytes);
    }
    return out;
  }
  ByteReader start = reader;
  const size_t begin = reader.offset();
  for (uint64_t i = 0; i < count; ++i) {
    static_cast<void>(reader.text("string in an array"));
  }
  return {element, count, start.take(reader.offset() - begin, "array")};
}

GgufValue number(GgufType type, const std::byte* at) {
  GgufValue out{type, uint64_t{0}, 0};
  switch (type) {
    case GgufType::kU8:
      out.data = uint64_t{quant::load<uint8_t>(at)};
      break;
    case GgufType::kU16:
      out.data = uint64_t{quant::load<uint16_t>(at)};
      break;
    case GgufType::kU32:
      out.data = uint64_t{quant::load<uint32_t>(at)};
      break;
    case GgufType::kU64:
      out.data = quant::load<uint64_t>(at);
      break;
    case GgufType::kI8:
      out.data = int64_t{quant::load<int8_t>(at)};
      break;
    case GgufType::kI16:
      out.data = int64_t{quant::load<int16_t>(at)};
      break;
    case GgufType::kI32:
      out.data = int64_t{quant::load<int32_t>(at)};
      break;
    case GgufType::kI64:
      out.data = quant::load<int64_t>(at);
      break;
    case GgufType::kF32:
      out.data = static_cast<double>(quant::load<float>(at));
      break;
    case GgufType::kF64:
      out.data = quant::load<double>(at);
      break;
    case GgufType::kBool:
      out.data = quant::load<uint8_t>(at) != 0;
      break;
    case GgufType::kString:
    case GgufType::kArray:
      fail(ErrorCode::kInternal, "[gguf] no number");
  }
  return out;
}

}  // namespace

uint64_t size_bytes(GgufType type) noexcept {
  constexpr uint8_t kBytes[] = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};
  return kBytes[static_cast<uint32_t>(type)];
}

GgufValue element(const GgufArray& array, uint64_t i) {
  return number(array.element, array.bytes.data() + i * size_bytes(array.element));
}

std::string_view read_key(ByteReader& reader) {
  const auto size = reader.read<uint64_t>("key length");
  if (size == 0 || size > kMaxKeyBytes) {
    reader.reject(concat("key of ", size, " bytes, expected 1 to ", kMaxKeyBytes));
  }
  const auto bytes = reader.take(size, "key");
  const std::string_view key(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (!utf8::is_valid(key) || key.find('\0') != std::string_view::npos) {
    reader.reject(concat("key \"", escaped(key), "\" is not UTF-8 text"));
  }
  return key;
}

GgufValue read_value(ByteReader& reader, std::string_view key) {
  const GgufType type = read_type(reader, key);
  const uint64_t offset = reader.offset();
  GgufValue out{type, uint64_t{0}, offset};
  if (type == GgufType::kString) {
    out.data = reader.text(concat("string value of key \"", escaped(key), "\""));
  } else if (type == GgufType::kArray) {
    out.data = read_array(reader, key);
  } else {
    const auto bytes = reader.take(size_bytes(type), "value");
    if (type == GgufType::kBool) {
      check_bools(reader, key, bytes);
    }
    out.data = number(type, bytes.data()).data;
  }
  return out;
}

}  // namespace pio::formats
