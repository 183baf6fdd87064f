// SPDX-License-Identifier: Apache-2.0
// Values of eager tensors, for model code.
#pragma once

#include "pio/plan/eval.h"

namespace pio::plugin {

using plan::item;
using plan::to_list;

}  // namespace pio::plugin
