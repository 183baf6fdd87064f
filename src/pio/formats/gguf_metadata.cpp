// SPDX-License-Identifier: Apache-2.0
#include "pio/formats/gguf_metadata.h"

#include "pio/formats/gguf_value_reader.h"

namespace pio::formats {
namespace {

bool is_whole(GgufType type) {
  return type <= GgufType::kI32 || type == GgufType::kU64 || type == GgufType::kI64;
}
bool is_float(GgufType type) { return type == GgufType::kF32 || type == GgufType::kF64; }

// The held whole number, or nothing if it is negative.
std::optional<uint64_t> as_unsigned(const GgufValue& value) {
  if (const auto* held = std::get_if<uint64_t>(&value.data)) {
    return *held;
  }
  const int64_t held = std::get<int64_t>(value.data);
  return held < 0 ? std::nullopt : std::optional(static_cast<uint64_t>(held));
}

// The held whole number, or nothing if it is above INT64_MAX.
std::optional<int64_t> as_signed(const GgufValue& value) {
  if (const auto* held = std::get_if<int64_t>(&value.data)) {
    return *held;
  }
  const uint64_t held = std::get<uint64_t>(value.data);
  return held > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())
             ? std::nullopt
             : std::optional(static_cast<int64_t>(held));
}

std::string text_of(const GgufValue& value) {
  const auto* held = std::get_if<uint64_t>(&value.data);
  return held != nullptr ? concat(*held) : concat(std::get<int64_t>(value.data));
}

}  // namespace

std::string_view name(GgufType type) noexcept {
  constexpr std::string_view kNames[] = {"u8",   "i8",     "u16",   "i16", "u32", "i32", "f32",
                                         "bool", "string", "array", "u64", "i64", "f64"};
  return kNames[static_cast<uint32_t>(type)];
}

std::string GgufValue::type_name() const {
  const auto* array = std::get_if<GgufArray>(&data);
  return array == nullptr ? std::string(name(type)) : concat("array of ", name(array->element));
}

void GgufMetadata::read_entries(ByteReader& reader, uint64_t count, const std::string& source) {
  source_ = source;
  for (uint64_t i = 0; i < count; ++i) {
    const std::string_view key = read_key(reader);
    if (!index_.emplace(key, entries_.size()).second) {
      reader.reject(concat("duplicate key \"", escaped(key), "\""));
    }
    entries_.push_back({key, read_value(reader, key)});
  }
}

const GgufValue* GgufMetadata::get(std::string_view key) const {
  const auto at = index_.find(key);
  return at == index_.end() ? nullptr : &entries_[at->second].value;
}

void GgufMetadata::wrong_type(std::string_view key, const GgufValue& value,
                              std::string_view wanted) const {
  fail_at(source_, value.offset,
          concat("key \"", escaped(key), "\" has type ", value.type_name(), ", expected ", wanted));
}

std::optional<uint64_t> GgufMetadata::get_uint(std::string_view key, uint64_t min,
                                               uint64_t max) const {
  const GgufValue* value = get(key);
  if (value == nullptr) {
    return std::nullopt;
  }
  if (!is_whole(value->type)) {
    wrong_type(key, *value, "a whole number");
  }
  const auto held = as_unsigned(*value);
  if (!held || *held < min || *held > max) {
    fail_at(
        source_, value->offset,
        concat("key \"", escaped(key), "\" is ", text_of(*value), ", expected ", min, " to ", max));
  }
  return held;
}

std::optional<int64_t> GgufMetadata::get_int(std::string_view key) const {
  const GgufValue* value = get(key);
  if (value == nullptr) {
    return std::nullopt;
  }
  if (!is_whole(value->type)) {
    wrong_type(key, *value, "a whole number");
  }
  const auto held = as_signed(*value);
  if (!held) {
    fail_at(source_, value->offset,
            concat("key \"", escaped(key), "\" is ", text_of(*value), ", expected at most 2^63-1"));
  }
  return held;
}

std::optional<double> GgufMetadata::get_float(std::string_view key) const {
  const GgufValue* value = get(key);
  if (value == nullptr) {
    return std::nullopt;
  }
  if (!is_float(value->type)) {
    wrong_type(key, *value, "f32 or f64");
  }
  return std::get<double>(value->data);
}

std::optional<bool> GgufMetadata::get_bool(std::string_view key) const {
  const GgufValue* value = get(key);
  if (value == nullptr) {
    return std::nullopt;
  }
  if (value->type != GgufType::kBool) {
    wrong_type(key, *value, "bool");
  }
  return std::get<bool>(value->data);
}

std::optional<std::string_view> GgufMetadata::get_string(std::string_view key) const {
  const GgufValue* value = get(key);
  if (value == nullptr) {
    return std::nullopt;
  }
  if (value->type != GgufType::kString) {
    wrong_type(key, *value, "string");
  }
  return std::get<std::string_view>(value->data);
}

const GgufArray* GgufMetadata::array(std::string_view key, std::string_view wanted,
                                     bool (*accepts)(GgufType)) const {
  const GgufValue* value = get(key);
  if (value == nullptr) {
    return nullptr;
  }
  const auto* held = std::get_if<GgufArray>(&value->data);
  if (held == nullptr || !accepts(held->element)) {
    wrong_type(key, *value, wanted);
  }
  return held;
}

std::optional<std::vector<std::string_view>> GgufMetadata::get_array_of_strings(
    std::string_view key) const {
  const GgufArray* held =
      array(key, "array of strings", [](GgufType type) { return type == GgufType::kString; });
  if (held == nullptr) {
    return std::nullopt;
  }
  std::vector<std::string_view> out;
  out.reserve(held->count);
  ByteReader reader(held->bytes, source_);
  for (uint64_t i = 0; i < held->count; ++i) {
    out.push_back(reader.text("string"));
  }
  return out;
}

std::optional<std::vector<int64_t>> GgufMetadata::get_array_of_ints(std::string_view key) const {
  const GgufArray* held = array(key, "array of whole numbers", is_whole);
  if (held == nullptr) {
    return std::nullopt;
  }
  std::vector<int64_t> out;
  out.reserve(held->count);
  for (uint64_t i = 0; i < held->count; ++i) {
    const GgufValue value = element(*held, i);
    const auto number = as_signed(value);
    if (!number) {
      fail_at(source_, get(key)->offset,
              concat("key \"", escaped(key), "\": element ", i, " is ", text_of(value),
                     ", expected at most 2^63-1"));
    }
    out.push_back(*number);
  }
  return out;
}

std::optional<std::vector<float>> GgufMetadata::get_array_of_floats(std::string_view key) const {
  const GgufArray* held = array(key, "array of f32 or f64", is_float);
  if (held == nullptr) {
    return std::nullopt;
  }
  std::vector<float> out;
  out.reserve(held->count);
  for (uint64_t i = 0; i < held->count; ++i) {
    out.push_back(static_cast<float>(std::get<double>(element(*held, i).data)));
  }
  return out;
}

std::optional<std::vector<bool>> GgufMetadata::get_array_of_bools(std::string_view key) const {
  const GgufArray* held =
      array(key, "array of bools", [](GgufType type) { return type == GgufType::kBool; });
  if (held == nullptr) {
    return std::nullopt;
  }
  std::vector<bool> out;
  for (uint64_t i = 0; i < held->count; ++i) {
    out.push_back(std::get<bool>(element(*held, i).data));
  }
  return out;
}

}  // namespace pio::formats
