// SPDX-License-Identifier: Apache-2.0
// Test helper: how much heap a piece of code had at its peak (allocation_probe_test.cpp replaces
// operator new in this folder's test program).
#pragma once

#include <cstddef>

namespace pio::formats {

/// Starts a measurement: the peak is counted from what is allocated now.
void reset_allocation_peak();

/// Bytes allocated at the peak since reset_allocation_peak(), above what was allocated then.
[[nodiscard]] size_t allocation_peak();

}  // namespace pio::formats
