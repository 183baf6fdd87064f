// SPDX-License-Identifier: Apache-2.0
// Counts heap bytes in this test program too, for hostile_test.cpp.
#include "pio/formats/allocation_probe_test.cpp"  // NOLINT(bugprone-suspicious-include)
