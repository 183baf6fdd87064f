// SPDX-License-Identifier: Apache-2.0
// Checks that many ops make when a node is built.
#pragma once

#include <string_view>

#include "pio/base/error.h"
#include "pio/tensor/tensor.h"

namespace pio::ops {

/// Errors: kInvalidArgument "[op] got `what` of dtype ..., expected ...".
inline void expect_dtype(std::string_view op, std::string_view what, const tensor::Tensor& value,
                         DType wanted = DType::kF32) {
  PIO_CHECK(value.dtype() == wanted, "[", op, "] got ", what, " of dtype ", name(value.dtype()), ", expected ",
            name(wanted));
}

}  // namespace pio::ops
