// SPDX-License-Identifier: Apache-2.0
#include "apps/scaffold/python_fields.h"

#include <algorithm>
#include <cmath>

#include "apps/scaffold/shortest_real.h"
#include "pio/base/error.h"
#include "pio/plugin/decoder_config.h"

namespace pio::apps {
namespace {

std::string literal(const json::Value& value) {
  if (value.is_null()) {
    return "None";
  }
  if (value.is_bool()) {
    return value.as_bool() ? "True" : "False";
  }
  if (value.is_integer()) {
    return std::to_string(value.as_integer());
  }
  if (value.is_number()) {
    return shortest_real(value.as_double());
  }
  std::string out;
  if (value.is_string()) {
    json::append_quoted(out, value.as_string());  // JSON's escapes are Python's too
    return out;
  }
  if (value.is_array()) {
    for (const json::Value& item : value.as_array()) {
      out += concat(out.empty() ? "" : ", ", literal(item));
    }
    return concat("[", out, "]");
  }
  for (const auto& [key, item] : value.as_object()) {
    out += out.empty() ? "" : ", ";
    json::append_quoted(out, key);
    out += ": " + literal(item);
  }
  return concat("{", out, "}");
}

const char* type_of(FieldKind kind) {
  switch (kind) {
    case FieldKind::kOptionalInt:
      return "int | None";
    case FieldKind::kReal:
      return "float";
    case FieldKind::kBool:
      return "bool";
    case FieldKind::kText:
      return "str";
    case FieldKind::kList:
      return "list[Any]";
    case FieldKind::kObject:
      return "dict[str, Any] | None";
    default:
      return "int";
  }
}

std::string line_of(const ConfigField& field, const char* comment = "") {
  const bool is_shared =
      field.value.is_array() || field.value.is_object();  // a default of its own for each config
  const std::string value = field.kind == FieldKind::kReal ? shortest_real(field.value.as_double())
                                                           : literal(field.value);
  return concat("    ", field.name, ": ", type_of(field.kind), " = ",
                is_shared ? concat("field(default_factory=lambda: ", value, ")") : value, comment,
                "\n");
}

// What the model reads, in the order in which it stands in the file, with the engine's defaults.
std::vector<ConfigField> needed(const std::vector<ConfigField>& given) {
  plugin::DecoderConfig config;
  const json::Value defaults = config.to_json();
  std::vector<ConfigField> out;
  for (const auto& [name, kind, is_rare] : decoder_fields()) {
    if (is_rare && std::ranges::find(given, name, &ConfigField::name) == given.end()) {
      continue;
    }
    const json::Value* value = defaults.find(name);
    out.push_back(
        {std::string(name), kind, value != nullptr ? *value : json::Value(config.rope.theta)});
  }
  out.push_back({"rope_scaling", FieldKind::kObject, nullptr});
  out.push_back({"rope_parameters", FieldKind::kObject, nullptr});
  return out;
}

}  // namespace

std::string python_fields(const ConfigFields& fields, const std::string& name) {
  std::string out = line_of({"model_name", FieldKind::kText, name});
  for (const ConfigField& field : fields.base) {
    out += line_of(field);
  }
  for (const ConfigField& field : needed(fields.decoder)) {
    const ConfigField* given = &field;
    for (const auto* group : {&fields.decoder, &fields.rope}) {
      const auto it = std::ranges::find(*group, field.name, &ConfigField::name);
      given = it == group->end() ? given : &*it;
    }
    out += line_of(*given);
  }
  out += line_of({"hidden_act", FieldKind::kText, "silu"});
  for (const ConfigField& field : fields.unused) {
    out += line_of(field, "  # not used yet");
  }
  return out;
}

std::string python_imports(const ConfigFields& fields) {
  const auto is_list = [](const ConfigField& field) { return field.kind == FieldKind::kList; };
  return !fields.rope.empty() || std::ranges::any_of(fields.unused, is_list) ? "dataclass, field"
                                                                             : "dataclass";
}

}  // namespace pio::apps
