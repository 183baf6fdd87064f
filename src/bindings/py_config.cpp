// SPDX-License-Identifier: Apache-2.0
#include "py_config.h"

#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <set>

#include "json_convert.h"
#include "pio/base/error.h"

namespace pio::bindings {
namespace {

using Fits = std::function<bool(const json::Value&)>;

// One kind of value as _config_class.py calls it: how messages do, and what it is.
std::pair<std::string, Fits> kind_of(const std::string& field, std::string_view kind) {
  if (kind == "list") {
    return {"a list", [](const json::Value& v) { return v.is_array() || v.is_integer(); }};
  }
  if (kind == "dict") {
    return {"an object", [](const json::Value& v) { return v.is_object(); }};
  }
  if (kind == "float") {
    return {"a number", [](const json::Value& v) { return v.is_number(); }};
  }
  if (kind == "bool") {
    return {"true or false", [](const json::Value& v) { return v.is_bool(); }};
  }
  if (kind == "str") {
    return {"a text", [](const json::Value& v) { return v.is_string(); }};
  }
  if (kind == "null") {
    return {"null", [](const json::Value& v) { return v.is_null(); }};
  }
  const auto [min, max] = plugin::field_bounds(field);
  return {min == INT64_MIN ? "a whole number" : concat("a whole number from ", min, " to ", max),
          [min = min, max = max](const json::Value& v) {
            return v.is_integer() && v.as_integer() >= min && v.as_integer() <= max;
          }};
}

// The same for a field that takes any of `kinds`; none stands for all values.
std::pair<std::string, Fits> any_of(const std::string& field, const std::vector<std::string>& kinds) {
  if (kinds.empty()) {
    return {"any value", [](const json::Value&) { return true; }};
  }
  std::string wanted;
  std::vector<Fits> all;
  for (const std::string& kind : kinds) {
    auto [name, fits] = kind_of(field, kind);
    wanted += concat(wanted.empty() ? "" : ", or ", name);
    all.push_back(std::move(fits));
  }
  return {std::move(wanted), [all = std::move(all)](const json::Value& v) {
            return std::ranges::any_of(all, [&](const Fits& fits) { return fits(v); });
          }};
}

bool equal(const json::Value& a, const json::Value& b) { return a.dump() == b.dump(); }

}  // namespace

PyConfig::PyConfig(nb::handle config_class) {
  const nb::object dataclasses = nb::module_::import_("dataclasses");
  const nb::object missing = dataclasses.attr("MISSING");
  const nb::object kinds = nb::module_::import_("inference_pio._config_class").attr("field_kinds")(config_class);
  is_base_ = config_class.is(
      nb::module_::import_("inference_pio.common.config.model_config_base").attr("BaseConfig"));
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
      opaque_.insert(name);
      json = nb::cast<std::string>(nb::repr(value));
    }
    if (base_names.contains(name)) {
      if (!json.is_null() && !opaque_.contains(name)) {
        base_values.emplace_back(name, std::move(json));
      }
    } else if (name == "tie_word_embeddings" && json.is_bool()) {
      has_tied_ = true;
      tied_ = json.as_bool();
    } else if (nb::cast<bool>(field.attr("init"))) {
      auto taken = nb::cast<std::vector<std::string>>(kinds[name.c_str()]);
      if (opaque_.contains(name)) {
        taken.clear();
      } else if (json.is_null() && !taken.empty() && std::ranges::find(taken, "null") == taken.end()) {
        taken.emplace_back("null");
      }
      auto [wanted, fits] = any_of(name, taken);
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

std::string PyConfig::known_fields() {
  return BaseConfig::known_fields() +
         (is_base_ ? " (the plugin has BaseConfig itself: name a dataclass over it as its config_class)" : "");
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
    json::Value value;
    try {
      value = bindings::to_json(config.attr(name.c_str()), concat("config field \"", name, "\""));
    } catch (const Error&) {
      if (opaque_.contains(name)) {
        continue;  // a value that only the class itself makes
      }
      throw;
    }
    if (!equal(value, standard)) {
      out.emplace_back(name, std::move(value));
    }
  }
  return out;
}

}  // namespace pio::bindings
