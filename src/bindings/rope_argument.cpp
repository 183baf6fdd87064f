// SPDX-License-Identifier: Apache-2.0
#include "rope_argument.h"

#include "json_convert.h"
#include "pio/base/error.h"
#include "pio/nn/rope_config.h"

namespace pio::bindings {

ops::RopeScaling rope_scaling_argument(nb::handle scaling, const char* what) {
  if (scaling.is_none()) {
    return {};
  }
  auto values = std::make_shared<json::Value>(to_json_object(scaling, what));
  try {
    return nn::read_rope_scaling(formats::ConfigSection(std::move(values), what, ""));
  } catch (const Error& error) {
    fail(ErrorCode::kInvalidArgument, error.what());  // no file is bad here: the caller's value is
  }
}

}  // namespace pio::bindings
