// SPDX-License-Identifier: Apache-2.0
// Tensors as arrays of other libraries: the buffer protocol and DLPack.
#pragma once

#include <nanobind/nanobind.h>

#include "pio/tensor/tensor.h"

namespace pio::bindings {

namespace nb = nanobind;

/// The buffer protocol (memoryview, numpy.asarray): a read-only copy of the values.
[[nodiscard]] const PyType_Slot* tensor_buffer_slots() noexcept;

/// DLPack (numpy.from_dlpack, torch.from_dlpack): a copy of the values in CPU memory.
void bind_tensor_array(nb::class_<tensor::Tensor>& c);

}  // namespace pio::bindings
