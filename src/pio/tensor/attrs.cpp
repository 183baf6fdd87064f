// SPDX-License-Identifier: Apache-2.0
#include "pio/tensor/attrs.h"

#include "pio/base/error.h"

namespace pio::tensor {
namespace {

template <class T>
const T& held(const AttrValue& value, std::string_view name) {
  const T* out = std::get_if<T>(&value);
  if (out == nullptr) {
    fail(ErrorCode::kInternal, concat("[attrs] \"", name, "\" is of another kind"));
  }
  return *out;
}

}  // namespace

const AttrValue& Attrs::at(std::string_view name) const {
  for (const auto& [key, value] : values_) {
    if (key == name) {
      return value;
    }
  }
  fail(ErrorCode::kInternal, concat("[attrs] no \"", name, "\" in ", to_string()));
}

int64_t Attrs::get_int(std::string_view name) const { return held<int64_t>(at(name), name); }
double Attrs::get_double(std::string_view name) const { return held<double>(at(name), name); }
const std::string& Attrs::get_string(std::string_view name) const {
  return held<std::string>(at(name), name);
}

bool Attrs::has(std::string_view name) const {
  for (const auto& entry : values_) {
    if (entry.first == name) {
      return true;
    }
  }
  return false;
}

Attrs Attrs::with(std::string name, AttrValue value) const {
  Attrs out = *this;
  for (auto& [key, old] : out.values_) {
    if (key == name) {
      old = std::move(value);
      return out;
    }
  }
  out.values_.emplace_back(std::move(name), std::move(value));
  return out;
}

std::string Attrs::to_string() const {
  std::string out;
  for (const auto& [key, value] : values_) {
    const std::string text = std::visit([](const auto& v) { return concat(v); }, value);
    out += concat(out.empty() ? "" : " ", key, "=", text);
  }
  return out;
}

}  // namespace pio::tensor
