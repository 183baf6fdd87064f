// SPDX-License-Identifier: Apache-2.0
#include "tensor_index.h"

namespace pio::bindings {

void bind_tensor_index(nb::class_<tensor::Tensor>& /*c*/) {}

}  // namespace pio::bindings
