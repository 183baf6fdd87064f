// SPDX-License-Identifier: Apache-2.0
// A config written as JSON and read again is the same.
#include "pio/base/json.h"
#include "pio/plugin/conformance/check.h"

namespace pio::plugin::conformance {

Outcome config_round_trip(const Subject& subject) {
  const json::Object fields = subject.load({})->config().to_json();
  const auto again = subject.factory.find(subject.architecture).plugin.make();
  again->initialize(fields);
  const std::string before = json::Value(fields).dump();
  const std::string after = json::Value(again->config().to_json()).dump();
  return before == after ? pass() : failed(before + " comes back as " + after);
}

}  // namespace pio::plugin::conformance
