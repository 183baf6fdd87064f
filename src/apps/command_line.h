// SPDX-License-Identifier: Apache-2.0
// The whole command line as a function: what the binary and `python -m inference_pio` run.
#pragma once

namespace pio::apps {

/// Runs the command that argv[1..] names and returns the exit code. Takes over SIGINT, SIGPIPE and SIGBUS.
int command_line(int argc, char** argv);

}  // namespace pio::apps
