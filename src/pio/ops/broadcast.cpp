// SPDX-License-Identifier: Apache-2.0
#include "pio/ops/broadcast.h"

#include <algorithm>

#include "pio/base/error.h"
#include "pio/ops/shape_ops.h"

namespace pio::ops {
namespace {

bool is_one(const Dim& dim) { return !dim.is_named() && dim.to_int() == 1; }

// The shape with leading dims of 1 up to `rank`.
Shape padded(const Shape& shape, int rank) {
  std::vector<Dim> dims(static_cast<size_t>(rank - shape.rank()), Dim(1));
  dims.insert(dims.end(), shape.dims().begin(), shape.dims().end());
  return Shape(std::move(dims));
}

bool repeats_to(const Dim& from, const Dim& dim) {
  if (is_one(from) || from == dim) {
    return true;
  }
  // A named dim beside a number: whether they agree depends on the step.
  if (from.is_named() != dim.is_named()) {
    static_cast<void>((from.is_named() ? from : dim).to_int());
  }
  return false;
}

}  // namespace

RowForm row_form(const Shape& operand, const Shape& result) {
  if (operand == result) {
    return RowForm::kSame;
  }
  if (std::ranges::all_of(operand.dims(), is_one)) {
    return RowForm::kOne;
  }
  if (operand.rank() == 1 && operand[0] == result[-1] && !operand.has_named()) {
    return RowForm::kVector;
  }
  const bool column = operand.rank() == result.rank() && is_one(operand[-1]) && operand.with(-1, result[-1]) == result;
  return column ? RowForm::kColumn : RowForm::kOther;
}

bool broadcasts_to(const Shape& x, const Shape& result) {
  if (x.rank() > result.rank()) {
    return false;
  }
  const Shape from = padded(x, result.rank());
  for (int axis = 0; axis < result.rank(); ++axis) {
    if (!repeats_to(from[axis], result[axis])) {
      return false;
    }
  }
  return true;
}

Shape broadcast_shape(std::string_view op, const Shape& a, const Shape& b) {
  const int rank = std::max(a.rank(), b.rank());
  const Shape left = padded(a, rank);
  const Shape right = padded(b, rank);
  std::vector<Dim> dims;
  for (int axis = 0; axis < rank; ++axis) {
    const bool fits = is_one(right[axis]) || repeats_to(left[axis], right[axis]);
    PIO_CHECK(fits, "[", op, "] got ", a.to_string(), " and ", b.to_string(),
              ", expected shapes that broadcast: from the last axis on, equal dims or 1");
    dims.push_back(is_one(left[axis]) ? right[axis] : left[axis]);
  }
  return Shape(std::move(dims));
}

Tensor in_row_form(const Tensor& x, const Shape& result) {
  if (row_form(x.shape(), result) != RowForm::kOther) {
    return x;
  }
  const Shape full = padded(x.shape(), result.rank());
  const RowForm form = row_form(full, result);
  if (form == RowForm::kSame || form == RowForm::kColumn) {
    return x.reshape(full);
  }
  const Shape last = {full[-1]};
  const bool is_vector = std::all_of(full.dims().begin(), full.dims().end() - 1, is_one) &&
                         row_form(last, result) == RowForm::kVector;
  return is_vector ? x.reshape(last) : expand(x, result);
}

}  // namespace pio::ops
