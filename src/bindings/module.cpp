// SPDX-License-Identifier: Apache-2.0
// The extension module inference_pio._pio.
#include "bindings.h"

NB_MODULE(_pio, m) {
  using namespace pio::bindings;
  m.doc() = "The Inference-PIO engine. Import its names from inference_pio.";
  m.attr("__version__") = PIO_VERSION;
  bind_errors(m);
  bind_dim(m);
  bind_tensor(m);
  bind_ops(m);
  bind_nn(m);
  bind_plan(m);
  bind_text(m);
  bind_generation(m);
  bind_plugin(m);
  bind_apps(m);
}
