// SPDX-License-Identifier: Apache-2.0
#include "pio/formats/safetensors_dtype.h"

#include <algorithm>

#include "pio/base/checked.h"

namespace pio::formats {
namespace {

constexpr SafetensorsDtype kDtypes[] = {
    {"BOOL", 8, {}},        {"F4", 4, {}},
    {"F6_E2M3", 6, {}},     {"F6_E3M2", 6, {}},
    {"U8", 8, {}},          {"I8", 8, {}},
    {"F8_E5M2", 8, {}},     {"F8_E4M3", 8, {}},
    {"F8_E8M0", 8, {}},     {"F8_E4M3FNUZ", 8, {}},
    {"F8_E5M2FNUZ", 8, {}}, {"I16", 16, {}},
    {"U16", 16, {}},        {"F16", 16, quant::QuantType::kF16},
    {"I32", 32, {}},        {"BF16", 16, quant::QuantType::kBF16},
    {"U32", 32, {}},        {"F32", 32, quant::QuantType::kF32},
    {"C64", 64, {}},        {"F64", 64, {}},
    {"I64", 64, {}},        {"U64", 64, {}},
};

}  // namespace

const SafetensorsDtype* find_safetensors_dtype(std::string_view name) noexcept {
  const auto* at = std::find_if(std::begin(kDtypes), std::end(kDtypes),
                                [name](const auto& dtype) { return dtype.name == name; });
  return at == std::end(kDtypes) ? nullptr : at;
}

std::string safetensors_dtype_names() {
  std::string out;
  for (const SafetensorsDtype& dtype : kDtypes) {
    out += out.empty() ? "" : ", ";
    out += dtype.name;
  }
  return out;
}

SafetensorsSize safetensors_size(const SafetensorsDtype& dtype,
                                 const std::vector<int64_t>& shape) noexcept {
  std::optional<uint64_t> bits = dtype.bits;
  bool empty = false;
  for (const int64_t dim : shape) {
    empty = empty || dim == 0;
    if (dim != 0 && bits) {
      bits = checked_mul(*bits, static_cast<uint64_t>(dim));
    }
  }
  if (!bits) {
    return {0, "overflow: the shape's size exceeds 64 bits"};
  }
  if (empty) {
    return {};
  }
  if (*bits % 8 != 0) {
    return {0, "misaligned: its elements do not fill whole bytes"};
  }
  return {*bits / 8, {}};
}

}  // namespace pio::formats
