// SPDX-License-Identifier: Apache-2.0
// Values of eager tensors: plans their graph, runs it once on the CPU, reads the result.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "pio/kernels/device.h"
#include "pio/tensor/tensor.h"

namespace pio::plan {

/// All values of `tensor` in row-major order as f32 (i32 tensors converted). Runs on `device`, by default a CPU
/// device over the shared pool. Errors: kInvalidArgument if a named dim makes it traced-only.
[[nodiscard]] std::vector<float> to_list(const tensor::Tensor& tensor,
                                         std::shared_ptr<kernels::Device> device = nullptr);

/// The same values as bytes in the tensor's own dtype, f32 or i32. interrupt, if given, is called between steps, a few
/// times a second, and ends the evaluation by what it throws. Errors: as to_list's.
[[nodiscard]] std::vector<std::byte> to_bytes(const tensor::Tensor& tensor,
                                              std::shared_ptr<kernels::Device> device = nullptr,
                                              const std::function<void()>& interrupt = {});

/// The value of a tensor of one element.
[[nodiscard]] float item(const tensor::Tensor& tensor);

}  // namespace pio::plan
