// SPDX-License-Identifier: Apache-2.0
#include "tensor_data.h"

#include <nanobind/stl/string.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "buffer_reader.h"
#include "errors.h"
#include "pio/base/error.h"
#include "pio/ops/ops.h"
#include "pio/plan/eval.h"
#include "py_number.h"

namespace pio::bindings {
namespace {

constexpr size_t kMostAxes = 8;

// Adds the values of nested lists to `out`, whose shape becomes known at the first of each depth.
void add_nested(nb::handle data, size_t depth, Numbers& out) {
  const bool list = nb::isinstance<nb::list>(data) || nb::isinstance<nb::tuple>(data);
  if (list) {
    const auto length = static_cast<int64_t>(nb::len(data));
    if (depth == out.shape.size()) {
      PIO_CHECK(depth < kMostAxes, "[Tensor] got lists in more than ", kMostAxes, " lists");
      PIO_CHECK(out.values.empty(), "[Tensor] got a ragged list: values and lists at depth ", depth);
      out.shape.emplace_back(length);
    }
    PIO_CHECK(out.shape[depth].capacity() == length, "[Tensor] got a ragged list: ", length,
              " values where ", out.shape[depth].capacity(), " were expected");
    for (const nb::handle item : data) {
      add_nested(item, depth + 1, out);
    }
    return;
  }
  PIO_CHECK(depth == out.shape.size(), "[Tensor] got a ragged list: a number where a list was expected");
  if (nb::isinstance<Dim>(data)) {
    static_cast<void>(nb::cast<const Dim&>(data).to_int());
  }
  const std::optional<Number> number = to_number(data);
  PIO_CHECK(number, "[Tensor] got a ", python_type(data),
            ", expected numbers in nested lists, or an object with the buffer protocol or DLPack");
  out.whole = out.whole && number->whole;
  out.values.push_back(number->value);
}

int32_t to_i32(double value) {
  PIO_CHECK(value >= INT32_MIN && value <= INT32_MAX && value == std::trunc(value), "[Tensor] got ", value,
            ", expected whole numbers within 32 bits for dtype i32");
  return static_cast<int32_t>(value);
}

// Ctrl-C while a value is computed.
void check_signals() {
  call_python([] {
    if (PyErr_CheckSignals() != 0) {
      throw nb::python_error();
    }
  });
}

nb::object nested(const std::byte* data, DType dtype, const Shape& shape, int axis, int64_t& at) {
  if (axis == shape.rank()) {
    const std::byte* value = data + 4 * at++;
    if (dtype == DType::kI32) {
      int32_t number = 0;
      std::memcpy(&number, value, 4);
      return nb::int_(number);
    }
    float number = 0;
    std::memcpy(&number, value, 4);
    return nb::float_(number);
  }
  nb::list out;
  for (int64_t i = 0; i < shape[axis].capacity(); ++i) {
    out.append(nested(data, dtype, shape, axis + 1, at));
  }
  return out;
}

}  // namespace

DType dtype_from_name(std::string_view text) {
  if (text == "f32" || text == "float32") {
    return DType::kF32;
  }
  PIO_CHECK(text == "i32" || text == "int32", "[Tensor] got dtype \"", escaped(text),
            "\", expected f32 (float32) or i32 (int32)");
  return DType::kI32;
}

Tensor make_tensor(nb::handle data, std::optional<DType> dtype) {
  if (nb::isinstance<Tensor>(data)) {
    const Tensor& given = nb::cast<const Tensor&>(data);
    return dtype ? ops::to(given, *dtype) : given;
  }
  Numbers numbers;
  if (is_array(data)) {
    numbers = read_array(data);
  } else {
    add_nested(data, 0, numbers);
    numbers.whole = numbers.whole && !numbers.values.empty();
  }
  const Shape shape{std::move(numbers.shape)};
  if (dtype.value_or(numbers.whole ? DType::kI32 : DType::kF32) == DType::kI32) {
    std::vector<int32_t> values(numbers.values.size());
    std::ranges::transform(numbers.values, values.begin(), to_i32);
    return Tensor(values, shape);
  }
  std::vector<float> values(numbers.values.size());
  std::ranges::transform(numbers.values, values.begin(), [](double value) { return to_f32(value, "Tensor"); });
  return Tensor(values, shape);
}

std::vector<std::byte> evaluate(Tensor& tensor) {
  const Tensor source = tensor;
  std::vector<std::byte> bytes;
  {
    nb::gil_scoped_release release;
    bytes = plan::to_bytes(source, nullptr, &check_signals);
  }
  if (source.node()->op().is_leaf || bytes.empty()) {
    return bytes;
  }
  if (source.dtype() == DType::kI32) {
    std::vector<int32_t> values(bytes.size() / 4);
    std::memcpy(values.data(), bytes.data(), bytes.size());
    tensor = Tensor(values, source.shape());
  } else {
    std::vector<float> values(bytes.size() / 4);
    std::memcpy(values.data(), bytes.data(), bytes.size());
    tensor = Tensor(values, source.shape());
  }
  return bytes;
}

nb::object to_nested_list(Tensor& value) {
  const auto bytes = evaluate(value);
  int64_t at = 0;
  return nested(bytes.data(), value.dtype(), value.shape(), 0, at);
}

Dim to_dim(nb::handle object) {
  if (nb::isinstance<Dim>(object)) {
    return nb::cast<Dim>(object);
  }
  const int64_t size = to_whole(object, "shape");
  PIO_CHECK(size >= 0, "[shape] got ", size, ", expected 0 or more");
  return size;
}

nb::object to_python(const Dim& dim) { return dim.is_named() ? nb::cast(dim) : nb::object(nb::int_(dim.to_int())); }

Shape to_shape(nb::handle sequence) {
  PIO_CHECK(is_sequence(sequence), "[shape] got ", escaped(nb::cast<std::string>(nb::repr(sequence))), ", a ",
            python_type(sequence), ", expected whole numbers in a list or tuple");
  std::vector<Dim> dims;
  for (const nb::handle item : sequence) {
    dims.push_back(to_dim(item));
  }
  return Shape(std::move(dims));
}

}  // namespace pio::bindings
