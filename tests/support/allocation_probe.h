// SPDX-License-Identifier: Apache-2.0
// How much heap a piece of code had at its peak, in the test programs that allocation_probe.cpp is
// linked into.
#pragma once

#include <cstddef>

namespace pio::test {

/// Starts a measurement: the peak is counted from what is allocated now.
void reset_allocation_peak();

/// Bytes allocated at the peak since reset_allocation_peak(), above what was allocated then.
[[nodiscard]] size_t allocation_peak();

}  // namespace pio::test
