// SPDX-License-Identifier: Apache-2.0
#include "pio/base/shape.h"

#include <algorithm>
#include <numeric>

#include "pio/base/error.h"

namespace pio {

std::string_view name(DimName dim) noexcept {
  constexpr std::string_view kNames[] = {"",       "rows",     "wanted", "patches",
                                         "frames", "enc_rows", "seqs"};
  return kNames[static_cast<uint8_t>(dim)];
}

int64_t Dim::to_int() const {
  PIO_CHECK(!is_named(), "[trace] dim ", to_string(),
            " has no value while tracing: pass it on as it is to reshape or slice; model code must "
            "not depend on how many rows a step has");
  return base_;
}

std::string Dim::to_string() const {
  if (!is_named()) {
    return std::to_string(base_);
  }
  const std::string factor = mul_ == 1 ? "" : concat(mul_, "*");
  const std::string divisor = div_ == 1 ? "" : concat("/", div_);
  return concat(factor, pio::name(name_), divisor, "<=", capacity());
}

Dim operator*(const Dim& a, const Dim& b) {
  PIO_CHECK(!a.is_named() || !b.is_named(), "[trace] product of two named dims ", a.to_string(),
            " and ", b.to_string());
  Dim out = a.is_named() ? a : b;
  const int64_t factor = (a.is_named() ? b : a).base_;
  int64_t product = 0;
  PIO_CHECK(!__builtin_mul_overflow(out.capacity(), factor, &product), "[shape] ", a.to_string(), " * ",
            b.to_string(), " is too large");
  if (!out.is_named()) {
    return product;
  }
  const int64_t common = std::gcd(factor, out.div_);
  out.mul_ *= factor / common;
  out.div_ /= common;
  return out;
}

Dim floor_div(const Dim& a, int64_t b) {
  PIO_CHECK(b > 0, "[trace] dim ", a.to_string(), " // ", b);
  if (!a.is_named()) {
    return a.base_ / b;
  }
  const bool in_groups = a.name_ == DimName::kPatches || a.name_ == DimName::kFrames;
  PIO_CHECK(in_groups || a.mul_ % b == 0, "[trace] dim ", a.to_string(), " // ", b,
            ": a step may have any number of ", pio::name(a.name_), ", also one that ", b,
            " does not divide");
  Dim out = a;
  const int64_t common = std::gcd(a.mul_, b);
  out.mul_ /= common;
  out.div_ *= b / common;
  return out;
}

const Dim& Shape::operator[](int axis) const {
  const int at = axis < 0 ? axis + rank() : axis;
  PIO_CHECK(at >= 0 && at < rank(), "[shape] axis ", axis, " of ", to_string());
  return dims_[static_cast<size_t>(at)];
}

int64_t Shape::elements() const {
  int64_t out = 1;
  for (const Dim& dim : dims_) {
    PIO_CHECK(!__builtin_mul_overflow(out, dim.capacity(), &out), "[shape] ", to_string(), " is too large");
  }
  return out;
}

Dim Shape::product(int first, int last) const {
  Dim out = 1;
  for (int axis = first; axis < last; ++axis) {
    out = out * (*this)[axis];
  }
  return out;
}

bool Shape::has_named() const noexcept {
  return std::ranges::any_of(dims_, [](const Dim& dim) { return dim.is_named(); });
}

Shape Shape::with(int axis, Dim dim) const {
  const int at = axis < 0 ? axis + rank() : axis;
  PIO_CHECK(at >= 0 && at < rank(), "[shape] axis ", axis, " of ", to_string());
  std::vector<Dim> dims = dims_;
  dims[static_cast<size_t>(at)] = dim;
  return Shape(std::move(dims));
}

std::string Shape::to_string() const {
  std::string out = "[";
  for (const Dim& dim : dims_) {
    out += concat(out.size() > 1 ? ", " : "", dim.to_string());
  }
  return out + "]";
}

}  // namespace pio
