// SPDX-License-Identifier: Apache-2.0
#include "apps/scaffold/cpp_fields.h"

#include <algorithm>
#include <cstdint>

#include "apps/scaffold/shortest_real.h"
#include "pio/base/error.h"

namespace pio::apps {
namespace {

constexpr size_t kColumns = 100;

std::string int_literal(int64_t value) {
  return value == INT64_MIN ? "INT64_MIN" : std::to_string(value);
}

// Octal escapes end after three digits, whatever follows; '?' is escaped against trigraphs.
std::string text_literal(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\' || c == '?') {
      out += {'\\', c};
    } else if (byte < 0x20 || byte >= 0x7f) {
      const auto digit = [&](int shift) { return static_cast<char>('0' + (byte >> shift & 7)); };
      out += {'\\', digit(6), digit(3), digit(0)};
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string literal(const json::Value& value, FieldKind kind);

// Lists that do not fit a line go over several.
std::string list_literal(const json::Array& list) {
  std::string out = "{";
  size_t column = 40;
  for (size_t i = 0; i < list.size(); ++i) {
    const json::Value& item = list[i];
    const FieldKind kind = item.is_bool()      ? FieldKind::kBool
                           : item.is_integer() ? FieldKind::kInt
                           : item.is_number()  ? FieldKind::kReal
                                               : FieldKind::kText;
    const std::string text =
        concat(item.is_null() ? "nullptr" : literal(item, kind), i + 1 < list.size() ? ", " : "");
    if (column + text.size() > kColumns) {
      out += "\n      ";
      column = 6;
    }
    out += text;
    column += text.size();
  }
  return out + "}";
}

std::string literal(const json::Value& value, FieldKind kind) {
  switch (kind) {
    case FieldKind::kInt:
    case FieldKind::kOptionalInt:
      return int_literal(value.as_integer());
    case FieldKind::kReal:
      return shortest_real(value.as_double());
    case FieldKind::kBool:
      return value.as_bool() ? "true" : "false";
    case FieldKind::kText:
      return text_literal(value.as_string());
    default:
      return list_literal(value.as_array());
  }
}

const char* type_of(FieldKind kind) {
  switch (kind) {
    case FieldKind::kReal:
      return "double";
    case FieldKind::kBool:
      return "bool";
    case FieldKind::kText:
      return "std::string";
    case FieldKind::kList:
      return "json::Array";
    default:
      return "int64_t";
  }
}

}  // namespace

std::string cpp_defaults(const ConfigFields& fields) {
  std::string out;
  for (const auto* group : {&fields.base, &fields.decoder}) {
    for (const ConfigField& field : *group) {
      const std::string name = field.name == "rope_theta" ? "rope.theta" : field.name;
      out += concat("    ", name, " = ", literal(field.value, field.kind), ";\n");
    }
  }
  return out;
}

std::string cpp_members(const ConfigFields& fields) {
  std::vector<std::string> lines;
  size_t width = 0;
  for (const ConfigField& field : fields.unused) {
    lines.push_back(concat("  ", type_of(field.kind), " ", field.name, " = ",
                           literal(field.value, field.kind), ";"));
    const size_t size = lines.back().size();
    width = size > kColumns / 2
                ? width
                : std::max(width, size);  // a long one does not push the others' comments out
  }
  std::string out;
  for (const std::string& line : lines) {
    out += concat(line, std::string(width > line.size() ? width - line.size() : 0, ' '),
                  "  // not used yet\n");
  }
  return out;
}

std::string cpp_visits(const ConfigFields& fields) {
  std::string out;
  for (const ConfigField& field : fields.unused) {
    const bool is_int = field.kind == FieldKind::kInt;
    out += concat("    v.", field.kind == FieldKind::kReal ? "visit_any" : "visit", "(\"",
                  field.name, "\", ", field.name, is_int ? ", INT64_MIN, INT64_MAX" : "", ");\n");
  }
  return out;
}

}  // namespace pio::apps
