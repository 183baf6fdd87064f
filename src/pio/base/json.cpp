// SPDX-License-Identifier: Apache-2.0
#include "pio/base/json.h"

#include <array>
#include <charconv>
#include <cmath>

#include "pio/base/error.h"
#include "pio/base/utf8.h"

namespace pio::json {
namespace {

template <class T, class V>
const T& held(const V& data, const Value& value, std::string_view wanted) {
  const T* held_value = std::get_if<T>(&data);
  if (held_value == nullptr) {
    fail(ErrorCode::kInternal, concat("[json] got ", value.kind(), ", expected ", wanted));
  }
  return *held_value;
}

template <class T>
void append_number(std::string& out, T value) {
  std::array<char, 32> text{};
  out.append(text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr);
}

void append_double(std::string& out, double value) {
  if (!std::isfinite(value)) {  // JSON has no word for it
    out += "null";
    return;
  }
  const size_t begin = out.size();
  append_number(out, value);
  if (out.find_first_of(".e", begin) == std::string::npos) {
    out += ".0";
  }
}

void newline(std::string& out, int indent, int level) {
  if (indent > 0) {
    out.push_back('\n');
    out.append(static_cast<size_t>(indent * level), ' ');
  }
}

void write(std::string& out, const Value& value, int indent, int level);

void write_items(std::string& out, const Array& items, int indent, int level) {
  out.push_back('[');
  for (size_t i = 0; i < items.size(); ++i) {
    out += i == 0 ? "" : indent > 0 ? "," : ", ";
    newline(out, indent, level + 1);
    write(out, items[i], indent, level + 1);
  }
  newline(out, items.empty() ? 0 : indent, level);
  out.push_back(']');
}

void write_members(std::string& out, const Object& members, int indent, int level) {
  out.push_back('{');
  for (size_t i = 0; i < members.size(); ++i) {
    out += i == 0 ? "" : indent > 0 ? "," : ", ";
    newline(out, indent, level + 1);
    append_quoted(out, members[i].first);
    out += ": ";
    write(out, members[i].second, indent, level + 1);
  }
  newline(out, members.empty() ? 0 : indent, level);
  out.push_back('}');
}

void write(std::string& out, const Value& value, int indent, int level) {
  if (value.is_null()) {
    out += "null";
  } else if (value.is_bool()) {
    out += value.as_bool() ? "true" : "false";
  } else if (value.is_integer()) {
    append_number(out, value.as_integer());
  } else if (value.is_unsigned()) {
    append_number(out, value.as_unsigned());
  } else if (value.is_real()) {
    append_double(out, value.as_double());
  } else if (value.is_string()) {
    append_quoted(out, value.as_string());
  } else if (value.is_array()) {
    write_items(out, value.as_array(), indent, level);
  } else {
    write_members(out, value.as_object(), indent, level);
  }
}

}  // namespace

bool Value::as_bool() const { return held<bool>(data_, *this, "bool"); }
int64_t Value::as_integer() const { return held<int64_t>(data_, *this, "integer"); }
uint64_t Value::as_unsigned() const {
  return is_integer() && as_integer() >= 0 ? static_cast<uint64_t>(as_integer())
                                           : held<uint64_t>(data_, *this, "unsigned integer");
}
double Value::as_double() const {
  if (is_integer()) {
    return static_cast<double>(as_integer());
  }
  return is_unsigned() ? static_cast<double>(as_unsigned()) : held<double>(data_, *this, "number");
}
const std::string& Value::as_string() const { return held<std::string>(data_, *this, "string"); }
const Array& Value::as_array() const { return held<Array>(data_, *this, "array"); }
const Object& Value::as_object() const { return held<Object>(data_, *this, "object"); }

const Value* Value::find(std::string_view key) const {
  if (!is_object()) {
    return nullptr;
  }
  for (const auto& [name, value] : as_object()) {
    if (name == key) {
      return &value;
    }
  }
  return nullptr;
}

std::string_view Value::kind() const {
  constexpr std::string_view kKinds[] = {"null",   "bool",   "integer", "integer",
                                         "number", "string", "array",   "object"};
  const size_t index = data_.index();
  return index < std::size(kKinds) ? kKinds[index] : kKinds[0];
}

std::string Value::dump(int indent) const {
  std::string out;
  write(out, *this, indent, 0);
  return out;
}

void append_quoted(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out.push_back('"');
  for (size_t at = 0; at < text.size();) {
    const auto decoded = utf8::decode(text, at);
    at += decoded.size;
    const char32_t c = decoded.code_point;
    if (c == '"' || c == '\\') {
      out += {'\\', static_cast<char>(c)};
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c < 0x20) {
      out += "\\u00";
      out += {kHex[c >> 4], kHex[c & 15]};
    } else {
      utf8::append(out, c);
    }
  }
  out.push_back('"');
}

}  // namespace pio::json
