// SPDX-License-Identifier: Apache-2.0
// The command line.
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "../apps/checkpoints.h"
#include "../apps/command_line.h"
#include "bindings.h"

namespace pio::bindings {

void bind_apps(nb::module_& m) {
  m.def("main",
        [](std::vector<std::string> arguments) {
          nb::module_::import_("inference_pio._discovery").attr("discover")();
          std::vector<char*> argv;
          for (std::string& argument : arguments) {
            argv.push_back(argument.data());
          }
          argv.push_back(nullptr);
          nb::gil_scoped_release release;
          return apps::command_line(static_cast<int>(arguments.size()), argv.data());
        },
        nb::arg("argv"), "Runs a command of inference-pio and returns its exit code. For __main__: takes over SIGINT.");
  m.def("_resolve_model", [](const std::string& model) { return apps::resolve_model(model).string(); });
}

}  // namespace pio::bindings
