// SPDX-License-Identifier: Apache-2.0
#include "tensor_array.h"

#include <nanobind/ndarray.h>

#include <cstring>
#include <memory>
#include <vector>

#include "tensor_data.h"

namespace pio::bindings {
namespace {

// What a view of a tensor's values keeps alive.
struct View {
  std::vector<std::byte> bytes;
  std::vector<Py_ssize_t> shape;
  std::vector<Py_ssize_t> strides;
};

std::unique_ptr<View> view_of(Tensor& tensor) {
  auto view = std::make_unique<View>();
  view->bytes = evaluate(tensor);
  Py_ssize_t stride = 4;
  const auto& dims = tensor.shape().dims();
  view->shape.resize(dims.size());
  view->strides.resize(dims.size());
  for (size_t axis = dims.size(); axis-- > 0;) {
    view->shape[axis] = dims[axis].to_int();
    view->strides[axis] = stride;
    stride *= view->shape[axis];
  }
  return view;
}

int get_buffer(PyObject* self, Py_buffer* out, int flags) {
  if ((flags & PyBUF_WRITABLE) != 0) {
    PyErr_SetString(PyExc_BufferError, "a Tensor is immutable: its buffer is read-only");
    return -1;
  }
  try {
    Tensor& tensor = nb::cast<Tensor&>(nb::handle(self));
    auto view = view_of(tensor);
    static char f32[] = "f";
    static char i32[] = "i";
    *out = Py_buffer{.buf = view->bytes.data(),
                     .obj = nullptr,
                     .len = static_cast<Py_ssize_t>(view->bytes.size()),
                     .itemsize = 4,
                     .readonly = 1,
                     .ndim = static_cast<int>(view->shape.size()),
                     .format = tensor.dtype() == DType::kI32 ? i32 : f32,
                     .shape = view->shape.data(),
                     .strides = view->strides.data(),
                     .suboffsets = nullptr,
                     .internal = nullptr};
    out->obj = Py_NewRef(self);
    out->internal = view.release();
    return 0;
  } catch (const std::exception& error) {
    PyErr_SetString(PyExc_BufferError, error.what());
    return -1;
  }
}

void release_buffer(PyObject*, Py_buffer* buffer) { delete static_cast<View*>(buffer->internal); }

template <class T>
nb::object dlpack_capsule(Tensor& tensor) {
  auto view = view_of(tensor);
  const std::vector<size_t> shape(view->shape.begin(), view->shape.end());
  void* data = view->bytes.data();
  nb::capsule owner(view.release(), [](void* held) noexcept { delete static_cast<View*>(held); });
  return nb::cast(nb::ndarray<T, nb::device::cpu>(data, shape.size(), shape.data(), owner));
}

}  // namespace

const PyType_Slot* tensor_buffer_slots() noexcept {
  static const PyType_Slot slots[] = {{Py_bf_getbuffer, reinterpret_cast<void*>(&get_buffer)},
                                      {Py_bf_releasebuffer, reinterpret_cast<void*>(&release_buffer)},
                                      {0, nullptr}};
  return slots;
}

void bind_tensor_array(nb::class_<Tensor>& c) {
  c.def("__dlpack__",
        [](Tensor& self, nb::kwargs) {  // a capsule of the first form, which every consumer takes
          return self.dtype() == DType::kI32 ? dlpack_capsule<int32_t>(self) : dlpack_capsule<float>(self);
        })
      .def("__dlpack_device__", [](const Tensor&) { return nb::make_tuple(nb::device::cpu::value, 0); });
}

}  // namespace pio::bindings
