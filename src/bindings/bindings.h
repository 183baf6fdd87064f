// SPDX-License-Identifier: Apache-2.0
// What the extension is made of: one function per engine folder, called in this order.
#pragma once

#include <nanobind/nanobind.h>

namespace pio::bindings {

namespace nb = nanobind;

void bind_errors(nb::module_& m);
void bind_dim(nb::module_& m);
void bind_tensor(nb::module_& m);
void bind_ops(nb::module_& m);
void bind_nn(nb::module_& m);
void bind_plan(nb::module_& m);
void bind_text(nb::module_& m);
void bind_generation(nb::module_& m);
void bind_plugin(nb::module_& m);
void bind_apps(nb::module_& m);

}  // namespace pio::bindings
