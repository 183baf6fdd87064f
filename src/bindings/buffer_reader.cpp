// SPDX-License-Identifier: Apache-2.0
#include "buffer_reader.h"

#include <nanobind/ndarray.h>

#include <cstring>
#include <string>
#include <string_view>

#include "pio/base/error.h"
#include "pio/base/half.h"
#include "py_number.h"

namespace pio::bindings {
namespace {

enum class Kind : uint8_t { kFloat, kBfloat, kSigned, kUnsigned, kBool };

struct Element {
  Kind kind;
  size_t bytes;
};

// Strides in bytes.
struct View {
  const std::byte* data;
  Element element;
  std::vector<int64_t> shape;
  std::vector<int64_t> strides;
};

template <class T>
double read(const std::byte* at) {
  T value;
  std::memcpy(&value, at, sizeof(value));
  return static_cast<double>(value);
}

double value_at(const std::byte* at, Element element) {
  switch (element.kind) {
    case Kind::kFloat:
      if (element.bytes == 2) {
        uint16_t bits = 0;
        std::memcpy(&bits, at, 2);
        return static_cast<double>(f16_to_f32(bits));
      }
      return element.bytes == 8 ? read<double>(at) : read<float>(at);
    case Kind::kBfloat: {
      uint16_t bits = 0;
      std::memcpy(&bits, at, 2);
      return static_cast<double>(bf16_to_f32(bits));
    }
    case Kind::kSigned:
      return element.bytes == 8   ? read<int64_t>(at)
             : element.bytes == 4 ? read<int32_t>(at)
             : element.bytes == 2 ? read<int16_t>(at)
                                  : read<int8_t>(at);
    case Kind::kUnsigned:
      return element.bytes == 8   ? read<uint64_t>(at)
             : element.bytes == 4 ? read<uint32_t>(at)
             : element.bytes == 2 ? read<uint16_t>(at)
                                  : read<uint8_t>(at);
    case Kind::kBool:
      return read<uint8_t>(at) != 0 ? 1.0 : 0.0;
  }
  return 0;
}

Numbers copy(const View& view) {
  Numbers out;
  out.whole = view.element.kind != Kind::kFloat && view.element.kind != Kind::kBfloat;
  int64_t count = 1;
  for (const int64_t size : view.shape) {
    out.shape.emplace_back(size);
    count *= size;
  }
  out.values.reserve(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i) {
    int64_t offset = 0;
    int64_t rest = i;
    for (size_t axis = view.shape.size(); axis-- > 0;) {
      offset += rest % view.shape[axis] * view.strides[axis];
      rest /= view.shape[axis];
    }
    out.values.push_back(value_at(view.data + offset, view.element));
  }
  return out;
}

constexpr std::string_view kTaken = "expected f16, bf16, f32, f64, whole numbers or bool";

bool has_width(const Element& element) {
  const size_t n = element.bytes;
  switch (element.kind) {
    case Kind::kFloat:
      return n == 2 || n == 4 || n == 8;
    case Kind::kBfloat:
      return n == 2;
    case Kind::kBool:
      return n == 1;
    default:
      return n == 1 || n == 2 || n == 4 || n == 8;
  }
}

// A format of the struct module with one element. The width is the buffer's own: a native long differs.
Element element_of(std::string_view format, size_t bytes) {
  const std::string_view whole = format;
  char order = '@';
  if (!format.empty() && std::string_view("@=<>!").find(format[0]) != std::string_view::npos) {
    order = format[0];
    format.remove_prefix(1);
  }
  const auto reject = [&](std::string_view why) {
    fail(ErrorCode::kInvalidArgument,
         concat("[Tensor] got an array of elements \"", escaped(whole), "\"", why, ", ", kTaken));
  };
  if (format.size() != 1) {
    reject("");
  }
  const auto is_one_of = [&](std::string_view codes) { return codes.find(format[0]) != std::string_view::npos; };
  Element out{Kind::kFloat, bytes};
  if (is_one_of("bhilqn")) {
    out.kind = Kind::kSigned;
  } else if (is_one_of("BHILQN")) {
    out.kind = Kind::kUnsigned;
  } else if (format[0] == '?') {
    out.kind = Kind::kBool;
  } else if (!is_one_of("efd")) {
    reject("");
  }
  if (!has_width(out)) {
    reject(concat(" of ", bytes, " bytes"));
  }
  if (bytes > 1 && (order == '>' || order == '!')) {
    reject(" in big-endian byte order: convert it to this machine's first");
  }
  return out;
}

// Released when the copy is made.
class Buffer {
 public:
  explicit Buffer(nb::handle data) {
    if (PyObject_GetBuffer(data.ptr(), &buffer_, PyBUF_FULL_RO) != 0) {
      throw nb::python_error();
    }
  }
  ~Buffer() { PyBuffer_Release(&buffer_); }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  [[nodiscard]] Numbers numbers() const {
    PIO_CHECK(buffer_.suboffsets == nullptr, "[Tensor] got an array of pointers to rows, expected one block of memory");
    View view{.data = static_cast<const std::byte*>(buffer_.buf),
              .element = element_of(buffer_.format == nullptr ? "B" : buffer_.format,
                                    static_cast<size_t>(buffer_.itemsize)),
              .shape = {},
              .strides = {}};
    const auto rank = static_cast<size_t>(buffer_.ndim);
    view.shape.assign(buffer_.shape, buffer_.shape + rank);
    view.strides.resize(rank);
    int64_t dense = buffer_.itemsize;
    for (size_t axis = rank; axis-- > 0;) {
      // ctypes gives no strides even where they are asked for: dense rows.
      view.strides[axis] = buffer_.strides != nullptr ? buffer_.strides[axis] : dense;
      dense *= view.shape[axis];
    }
    return copy(view);
  }

 private:
  Py_buffer buffer_{};
};

Numbers read_dlpack(nb::handle data) {
  nb::ndarray<nb::ro> array;
  try {
    array = nb::cast<nb::ndarray<nb::ro>>(data);
  } catch (const nb::cast_error&) {
    fail(ErrorCode::kInvalidArgument, concat("[Tensor] got a ", python_type(data), " that gives no array"));
  }
  PIO_CHECK(array.device_type() == nb::device::cpu::value, "[Tensor] got an array on device type ",
            array.device_type(), ", expected the CPU's memory");
  const nb::dlpack::dtype type = array.dtype();
  using Code = nb::dlpack::dtype_code;
  const auto code = static_cast<Code>(type.code);
  const Element element{code == Code::Float    ? Kind::kFloat
                        : code == Code::Bfloat ? Kind::kBfloat
                        : code == Code::Int    ? Kind::kSigned
                        : code == Code::Bool   ? Kind::kBool
                                               : Kind::kUnsigned,
                        static_cast<size_t>(type.bits / 8)};
  const bool known = code == Code::Float || code == Code::Bfloat || code == Code::Int || code == Code::Bool ||
                     code == Code::UInt;
  PIO_CHECK(known && type.lanes == 1 && type.bits % 8 == 0 && has_width(element),
            "[Tensor] got an array of element code ", static_cast<int>(type.code), " with ",
            static_cast<int>(type.bits), " bits, ", kTaken);
  View view{.data = static_cast<const std::byte*>(array.data()), .element = element, .shape = {}, .strides = {}};
  for (size_t axis = 0; axis < array.ndim(); ++axis) {
    view.shape.push_back(static_cast<int64_t>(array.shape(axis)));
    view.strides.push_back(array.stride(axis) * static_cast<int64_t>(element.bytes));
  }
  return copy(view);
}

}  // namespace

bool is_array(nb::handle data) { return PyObject_CheckBuffer(data.ptr()) != 0 || nb::ndarray_check(data); }

Numbers read_array(nb::handle data) {
  if (PyObject_CheckBuffer(data.ptr()) == 0) {
    return read_dlpack(data);
  }
  try {
    return Buffer(data).numbers();
  } catch (nb::python_error& error) {
    // An array of a type that the buffer protocol has no code for, as bf16, may still have DLPack.
    if (!nb::hasattr(data, "__dlpack__")) {
      throw;
    }
  }
  return read_dlpack(data);
}

}  // namespace pio::bindings
