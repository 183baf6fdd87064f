// SPDX-License-Identifier: Apache-2.0
#include "tensor_index.h"

#include <nanobind/stl/string.h>

#include "pio/base/error.h"
#include "pio/ops/ops.h"
#include "tensor_data.h"

namespace pio::bindings {
namespace {

// How many axes of the tensor an index uses up: None and ... use none.
int axes_used(nb::handle item) {
  return item.is_none() || item.is(nb::ellipsis()) ? 0 : 1;
}

// What one slice object selects of an axis.
Tensor slice_axis(const Tensor& x, int axis, nb::handle slice) {
  if (is_whole_axis(x, axis, slice.attr("start"), slice.attr("stop"), slice.attr("step"))) {
    return x;
  }
  const int64_t size = x.dim(axis).to_int();
  Py_ssize_t start = 0;
  Py_ssize_t stop = 0;
  Py_ssize_t step = 0;
  if (PySlice_Unpack(slice.ptr(), &start, &stop, &step) != 0) {
    throw nb::python_error();
  }
  PIO_CHECK(step > 0, "[index] got a slice with step ", step, ", expected 1 or more");
  PySlice_AdjustIndices(size, &start, &stop, step);
  return ops::slice(x, axis, start, std::max(start, stop), step);
}

// One index of an axis: the axis is dropped.
Tensor pick(const Tensor& x, int axis, int64_t index) {
  const int64_t size = x.dim(axis).to_int();
  const int64_t at = index < 0 ? index + size : index;
  if (at < 0 || at >= size) {
    throw nb::index_error(concat("[index] got ", index, " on axis ", axis, " of ", x.shape().to_string()).c_str());
  }
  const Tensor one = ops::slice(x, axis, at, at + 1);
  std::vector<Dim> dims = one.shape().dims();
  dims.erase(dims.begin() + axis);
  return one.reshape(Shape(std::move(dims)));
}

Tensor get_item(const Tensor& self, nb::object index) {
  const nb::tuple items = nb::isinstance<nb::tuple>(index) ? nb::borrow<nb::tuple>(index) : nb::make_tuple(index);
  int used = 0;
  for (const nb::handle item : items) {
    used += axes_used(item);
  }
  const int rank = self.shape().rank();
  if (used > rank) {
    throw nb::index_error(
        concat("[index] got ", used, " indices on ", self.shape().to_string(), ", which has ", rank, " axes").c_str());
  }
  Tensor out = self;
  int axis = 0;
  for (const nb::handle item : items) {
    if (item.is(nb::ellipsis())) {
      axis += rank - used;
      used = rank;  // a second ... stands for nothing
    } else if (item.is_none()) {
      std::vector<Dim> dims = out.shape().dims();
      dims.insert(dims.begin() + axis++, Dim(1));
      out = out.reshape(Shape(std::move(dims)));
    } else if (PySlice_Check(item.ptr()) != 0) {
      out = slice_axis(out, axis++, item);
    } else if (PyIndex_Check(item.ptr()) != 0 && !nb::isinstance<Tensor>(item)) {
      const Py_ssize_t at = PyNumber_AsSsize_t(item.ptr(), PyExc_IndexError);
      if (at == -1 && PyErr_Occurred() != nullptr) {
        throw nb::python_error();
      }
      out = pick(out, axis, at);
    } else {
      throw nb::type_error(concat("[index] got a ", nb::cast<std::string>(item.type().attr("__name__")),
                                  ", expected whole numbers, slices, None or ...")
                               .c_str());
    }
  }
  return out;
}

bool is_number(nb::handle item, long value) {
  return PyLong_Check(item.ptr()) != 0 && item.equal(nb::int_(value));
}

nb::object iterate(nb::object self) {
  const int64_t rows = nb::cast<const Tensor&>(self).dim(0).to_int();
  nb::list out;
  for (int64_t i = 0; i < rows; ++i) {
    out.append(self[i]);
  }
  return nb::iter(out);
}

}  // namespace

bool is_whole_axis(const Tensor& x, int axis, nb::handle begin, nb::handle end, nb::handle step) {
  const bool is_full = end.is_none() || (nb::isinstance<Dim>(end) && nb::cast<const Dim&>(end) == x.dim(axis));
  return is_full && (begin.is_none() || is_number(begin, 0)) && (step.is_none() || is_number(step, 1));
}

void bind_tensor_index(nb::class_<Tensor>& tensor_class) {
  tensor_class
      .def("__getitem__", &get_item, nb::arg("index").none(),
           nb::sig("def __getitem__(self, index: typing.Any, /) -> Tensor"))
      .def("__iter__", &iterate);
}

}  // namespace pio::bindings
