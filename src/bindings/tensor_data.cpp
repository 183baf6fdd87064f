// SPDX-License-Identifier: Apache-2.0
#include "tensor_data.h"

#include <nanobind/stl/string.h>

#include <nanobind/ndarray.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "pio/base/error.h"
#include "pio/base/half.h"
#include "pio/plan/eval.h"

namespace pio::bindings {
namespace {

// Numbers in row-major order while their shape becomes known.
struct Numbers {
  std::vector<double> values;
  std::vector<Dim> shape;
  bool whole = true;
};

std::string python_type(nb::handle object) { return nb::cast<std::string>(object.type().attr("__name__")); }

void add_nested(nb::handle data, size_t depth, Numbers& out) {
  const bool list = nb::isinstance<nb::list>(data) || nb::isinstance<nb::tuple>(data);
  if (list) {
    const auto length = static_cast<int64_t>(nb::len(data));
    PIO_CHECK(length > 0, "[Tensor] got an empty list, expected values");
    if (depth == out.shape.size()) {
      PIO_CHECK(out.values.empty() && depth < 8, "[Tensor] got a ragged list: values and lists at depth ", depth);
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
  if (PyFloat_Check(data.ptr()) != 0) {
    out.whole = false;
  } else {
    PIO_CHECK(PyLong_Check(data.ptr()) != 0, "[Tensor] got a ", python_type(data),
              ", expected numbers in nested lists, or an object with the buffer protocol or DLPack");
  }
  const double value = PyFloat_AsDouble(data.ptr());
  if (PyErr_Occurred() != nullptr) {
    throw nb::python_error();
  }
  out.values.push_back(value);
}

// One element of an array of any published type, as double: exact for all but the largest 64-bit integers.
double element(const std::byte* at, nb::dlpack::dtype type) {
  const auto read = [at](auto zero) {
    std::memcpy(&zero, at, sizeof(zero));
    return static_cast<double>(zero);
  };
  const auto half = [at](auto convert) {
    uint16_t bits = 0;
    std::memcpy(&bits, at, 2);
    return static_cast<double>(convert(bits));
  };
  using Code = nb::dlpack::dtype_code;
  switch (static_cast<Code>(type.code)) {
    case Code::Float:
      return type.bits == 64   ? read(double{})
             : type.bits == 32 ? read(float{})
                               : half([](uint16_t bits) { return f16_to_f32(bits); });
    case Code::Bfloat:
      return half([](uint16_t bits) { return bf16_to_f32(bits); });
    case Code::Int:
      return type.bits == 64   ? read(int64_t{})
             : type.bits == 32 ? read(int32_t{})
             : type.bits == 16 ? read(int16_t{})
                               : read(int8_t{});
    default:
      return type.bits == 64   ? read(uint64_t{})
             : type.bits == 32 ? read(uint32_t{})
             : type.bits == 16 ? read(uint16_t{})
                               : read(uint8_t{});
  }
}

bool is_readable(nb::dlpack::dtype type) {
  using Code = nb::dlpack::dtype_code;
  const auto code = static_cast<Code>(type.code);
  const bool width = type.bits == 8 || type.bits == 16 || type.bits == 32 || type.bits == 64;
  return type.lanes == 1 && width &&
         (code == Code::Int || code == Code::UInt || code == Code::Bool ||
          (code == Code::Float && type.bits != 8) || (code == Code::Bfloat && type.bits == 16));
}

Numbers from_array(nb::handle data) {
  nb::ndarray<nb::ro> array;
  try {
    array = nb::cast<nb::ndarray<nb::ro>>(data);
  } catch (const nb::cast_error&) {
    fail(ErrorCode::kInvalidArgument, concat("[Tensor] got a ", python_type(data), " that gives no array"));
  }
  PIO_CHECK(array.device_type() == nb::device::cpu::value, "[Tensor] got an array on device type ",
            array.device_type(), ", expected the CPU's memory");
  const nb::dlpack::dtype type = array.dtype();
  PIO_CHECK(is_readable(type), "[Tensor] got an array of element code ", static_cast<int>(type.code), " with ",
            static_cast<int>(type.bits), " bits, expected f16, bf16, f32, f64, whole numbers or bool");
  PIO_CHECK(array.size() > 0, "[Tensor] got an array without values");
  Numbers out;
  out.whole = static_cast<nb::dlpack::dtype_code>(type.code) != nb::dlpack::dtype_code::Float &&
              static_cast<nb::dlpack::dtype_code>(type.code) != nb::dlpack::dtype_code::Bfloat;
  std::vector<size_t> index(array.ndim(), 0);
  for (size_t axis = 0; axis < array.ndim(); ++axis) {
    out.shape.emplace_back(static_cast<int64_t>(array.shape(axis)));
  }
  out.values.reserve(array.size());
  const auto* base = static_cast<const std::byte*>(array.data());
  for (size_t i = 0; i < array.size(); ++i) {
    int64_t offset = 0;
    size_t rest = i;
    for (size_t axis = array.ndim(); axis-- > 0;) {
      offset += static_cast<int64_t>(rest % array.shape(axis)) * array.stride(axis);
      rest /= array.shape(axis);
    }
    out.values.push_back(element(base + offset * (type.bits / 8), type));
  }
  return out;
}

int32_t to_i32(double value) {
  PIO_CHECK(value >= INT32_MIN && value <= INT32_MAX && value == std::trunc(value), "[Tensor] got ", value,
            ", expected whole numbers within 32 bits for dtype i32");
  return static_cast<int32_t>(value);
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
    PIO_CHECK(!dtype || *dtype == given.dtype(), "[Tensor] got a tensor of dtype ", name(given.dtype()),
              ", expected ", name(*dtype));
    return given;
  }
  Numbers numbers;
  if (nb::ndarray_check(data)) {
    numbers = from_array(data);
  } else {
    add_nested(data, 0, numbers);
  }
  const Shape shape{std::move(numbers.shape)};
  if (dtype.value_or(numbers.whole ? DType::kI32 : DType::kF32) == DType::kI32) {
    std::vector<int32_t> values(numbers.values.size());
    std::ranges::transform(numbers.values, values.begin(), to_i32);
    return Tensor(values, shape);
  }
  const std::vector<float> values(numbers.values.begin(), numbers.values.end());
  return Tensor(values, shape);
}

std::vector<std::byte> evaluate(Tensor& tensor) {
  const Tensor source = tensor;
  std::vector<std::byte> bytes;
  {
    nb::gil_scoped_release release;
    bytes = plan::to_bytes(source);
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
  const auto size = nb::cast<int64_t>(nb::int_(nb::handle(object)));
  PIO_CHECK(size >= 0, "[shape] got ", size, ", expected 0 or more");
  return size;
}

nb::object to_python(const Dim& dim) { return dim.is_named() ? nb::cast(dim) : nb::object(nb::int_(dim.to_int())); }

Shape to_shape(nb::handle sequence) {
  std::vector<Dim> dims;
  for (const nb::handle item : sequence) {
    dims.push_back(to_dim(item));
  }
  return Shape(std::move(dims));
}

}  // namespace pio::bindings
