// SPDX-License-Identifier: Apache-2.0
#include "py_config.h"

#include <nanobind/stl/string.h>

#include <algorithm>
#include <set>

#include "json_convert.h"
#include "pio/base/error.h"

namespace pio::bindings {
namespace {

// The text of an annotation: "int", "int | None", "list[str]".
std::string annotation(nb::handle field) {
  const nb::object type = field.attr("type");
  return nb::cast<std::string>(nb::isinstance<nb::str>(type) ? type
                               : PyType_Check(type.ptr()) != 0 && !nb::hasattr(type, "__origin__")
                                   ? type.attr("__name__")
                                   : nb::str(type));
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

// What a field with this annotation takes, and how messages call it.
std::pair<std::string, std::function<bool(const json::Value&)>> kind_of(const std::string& name,
                                                                       const std::string& text) {
  using Fits = std::function<bool(const json::Value&)>;
  const bool optional = has(text, "None") || has(text, "Optional");
  const auto or_null = [&](std::string wanted, Fits fits) -> std::pair<std::string, Fits> {
    if (!optional) {
      return {std::move(wanted), std::move(fits)};
    }
    return {wanted + ", or null", [fits](const json::Value& v) { return v.is_null() || fits(v); }};
  };
  if (has(text, "list") || has(text, "List") || has(text, "tuple") || has(text, "Tuple")) {
    return or_null("a list", [](const json::Value& v) { return v.is_array() || v.is_integer(); });
  }
  if (has(text, "dict") || has(text, "Dict") || has(text, "Mapping")) {
    return or_null("an object", [](const json::Value& v) { return v.is_object(); });
  }
  if (has(text, "float")) {
    return or_null("a number", [](const json::Value& v) { return v.is_number(); });
  }
  if (has(text, "bool")) {
    return or_null("true or false", [](const json::Value& v) { return v.is_bool(); });
  }
  if (has(text, "int")) {
    const auto [min, max] = plugin::field_bounds(name);
    const std::string wanted =
        min == INT64_MIN ? "a whole number" : concat("a whole number from ", min, " to ", max);
    return or_null(wanted, [min = min, max = max](const json::Value& v) {
      return v.is_integer() && v.as_integer() >= min && v.as_integer() <= max;
    });
  }
  if (has(text, "str")) {
    return or_null("a text", [](const json::Value& v) { return v.is_string(); });
  }
  return {"any value", [](const json::Value&) { return true; }};
}

bool equal(const json::Value& a, const json::Value& b) { return a.dump() == b.dump(); }

}  // namespace

PyConfig::PyConfig(nb::handle config_class) {
  const nb::object dataclasses = nb::module_::import_("dataclasses");
  const nb::object missing = dataclasses.attr("MISSING");
  std::set<std::string> base_names;
  for (const auto& [name, value] : to_json()) {
    base_names.insert(name);
  }
  json::Object base_values;
  for (const nb::handle field : dataclasses.attr("fields")(config_class)) {
    const auto name = nb::cast<std::string>(field.attr("name"));
    nb::object value = field.attr("default");
    if (value.is(missing)) {
      const nb::object factory = field.attr("default_factory");
      PIO_CHECK(!factory.is(missing), "config field \"", name, "\" of ",
                nb::cast<std::string>(config_class.attr("__name__")), " has no default");
      value = factory();
    }
    json::Value json;
    try {
      json = bindings::to_json(value, concat("config field \"", name, "\""));
    } catch (const Error&) {
      continue;  // a value that no file can hold stays as the class has it
    }
    if (base_names.contains(name)) {
      if (!json.is_null()) {
        base_values.emplace_back(name, std::move(json));
      }
    } else if (name == "tie_word_embeddings" && json.is_bool()) {
      has_tied_ = true;
      tied_ = json.as_bool();
    } else {
      auto [wanted, fits] = kind_of(name, annotation(field));
      own_.push_back({name, std::move(wanted), std::move(fits), std::move(json)});
    }
  }
  override_with(base_values);
  defaults_ = to_json();
}

void PyConfig::fields(plugin::FieldVisitor& visitor) {
  BaseConfig::fields(visitor);
  for (Field& field : own_) {
    visitor.visit(field.name, field.value, field.wanted, field.fits);
  }
  if (has_tied_) {
    visitor.visit("tie_word_embeddings", tied_);
  }
}

std::optional<int64_t> PyConfig::whole_number(std::string_view name) const {
  for (const Field& field : own_) {
    if (field.name == name && field.value.is_integer()) {
      return field.value.as_integer();
    }
  }
  return std::nullopt;
}

json::Object PyConfig::changed() const {
  json::Object out;
  json::Object now = const_cast<PyConfig*>(this)->to_json();
  for (size_t i = 0; i < now.size(); ++i) {
    if (!equal(now[i].second, defaults_[i].second)) {
      out.push_back(std::move(now[i]));
    }
  }
  return out;
}

json::Object PyConfig::changed(nb::handle config) const {
  json::Object out;
  for (const auto& [name, standard] : defaults_) {
    json::Value value = bindings::to_json(config.attr(name.c_str()), concat("config field \"", name, "\""));
    if (!equal(value, standard)) {
      out.emplace_back(name, std::move(value));
    }
  }
  return out;
}

}  // namespace pio::bindings
