// SPDX-License-Identifier: Apache-2.0
#include "json_convert.h"

#include "pio/base/error.h"

namespace pio::bindings {
namespace {

constexpr int kMaxDepth = 64;  // as the JSON reader's

json::Value convert(nb::handle object, std::string_view what, int depth) {
  PIO_CHECK(depth < kMaxDepth, what, " is nested deeper than ", kMaxDepth, " levels");
  if (object.is_none()) {
    return nullptr;
  }
  if (nb::isinstance<nb::bool_>(object)) {
    return nb::cast<bool>(object);
  }
  if (PyLong_Check(object.ptr()) != 0) {
    int overflow = 0;
    const long long number = PyLong_AsLongLongAndOverflow(object.ptr(), &overflow);
    PIO_CHECK(overflow == 0, what, " holds ", nb::cast<std::string>(nb::str(object)),
              ", expected a number within 64 bits");
    return static_cast<int64_t>(number);
  }
  if (PyFloat_Check(object.ptr()) != 0) {
    return nb::cast<double>(object);
  }
  if (nb::isinstance<nb::str>(object)) {
    return nb::cast<std::string>(object);
  }
  if (PyMapping_Check(object.ptr()) != 0 && nb::hasattr(object, "items")) {
    json::Object out;
    for (const nb::handle item : object.attr("items")()) {
      PIO_CHECK(nb::isinstance<nb::str>(item[0]), what, " has a key of type ",
                nb::cast<std::string>(item[0].type().attr("__name__")), ", expected str");
      out.emplace_back(nb::cast<std::string>(item[0]), convert(item[1], what, depth + 1));
    }
    return out;
  }
  if (nb::isinstance<nb::list>(object) || nb::isinstance<nb::tuple>(object)) {
    json::Array out;
    for (const nb::handle item : object) {
      out.push_back(convert(item, what, depth + 1));
    }
    return out;
  }
  if (nb::hasattr(object, "__fspath__")) {
    return nb::cast<std::string>(object.attr("__fspath__")());
  }
  fail(ErrorCode::kInvalidArgument,
       concat(what, " is of type ", nb::cast<std::string>(object.type().attr("__name__")),
              ", expected None, bool, int, float, str, a list or a dict"));
}

}  // namespace

nb::object to_python(const json::Value& value) {
  if (value.is_null()) {
    return nb::none();
  }
  if (value.is_bool()) {
    return nb::bool_(value.as_bool());
  }
  if (value.is_integer()) {
    return nb::int_(value.as_integer());
  }
  if (value.is_unsigned()) {
    return nb::int_(value.as_unsigned());
  }
  if (value.is_real()) {
    return nb::float_(value.as_double());
  }
  if (value.is_string()) {
    return nb::str(value.as_string().data(), value.as_string().size());
  }
  if (value.is_array()) {
    nb::list out;
    for (const json::Value& item : value.as_array()) {
      out.append(to_python(item));
    }
    return out;
  }
  return to_python(value.as_object());
}

nb::dict to_python(const json::Object& members) {
  nb::dict out;
  for (const auto& [key, value] : members) {
    out[nb::str(key.data(), key.size())] = to_python(value);
  }
  return out;
}

json::Value to_json(nb::handle object, std::string_view what) { return convert(object, what, 0); }

json::Object to_json_object(nb::handle mapping, std::string_view what) {
  const json::Value value = to_json(mapping, what);
  PIO_CHECK(value.is_object(), what, " is of type ", value.kind(), ", expected a dict");
  return value.as_object();
}

}  // namespace pio::bindings
