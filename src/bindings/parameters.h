// SPDX-License-Identifier: Apache-2.0
// Parameters of modules in Python: new ones, their values by name, and the weight and bias of a layer.
#pragma once

#include <nanobind/nanobind.h>

#include <string>

#include "pio/nn/module.h"

namespace pio::bindings {

namespace nb = nanobind;

/// Parameter(shape, init). Errors: kInvalidArgument for another init, or what is no shape.
[[nodiscard]] tensor::Tensor new_parameter(nb::handle shape, const std::string& init);

/// The parameters of the tree by name.
[[nodiscard]] nb::dict state_dict(nn::Module& self);

/// Gives the parameters new values by name, all or, at an error, none; tensors from before keep theirs. Errors:
/// kInvalidArgument listing what is missing, unexpected or of another shape, and naming what has no values.
void load_state_dict(nn::Module& self, nb::handle state, bool strict);

/// Puts `value` in the place of parameter `name` of `self`: a parameter is shared from then on (a head that is tied
/// to its embedding), other values are copied. Errors: kInvalidArgument for another shape.
void set_parameter(nn::Module& self, const std::string& name, nb::handle value);

}  // namespace pio::bindings
