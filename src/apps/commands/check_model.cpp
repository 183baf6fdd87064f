// SPDX-License-Identifier: Apache-2.0
// check-model: conformance of an architecture, on its goldens and on a real checkpoint.
#include <cstdio>

#include "../command.h"
#include "pio/plugin/conformance.h"

namespace pio::apps {
namespace {

struct CheckModel {
  std::string name, model, goldens;
  bool all = false;
};

int check_model(const CheckModel& o) {
  plugin::CheckOptions options;
  options.all = o.all;
  options.goldens = o.goldens;
  if (!o.model.empty()) {
    options.checkpoint = resolve_model(o.model);
  }
  try {
    static_cast<void>(plugin::model_factory().find(o.name));
  } catch (const Error& error) {
    throw ModelError(error);
  }
  bool ok = true;
  for (const plugin::CheckResult& result : plugin::check_model(plugin::model_factory(), o.name, options)) {
    ok = ok && result.status != plugin::CheckStatus::kFailed;
    constexpr const char* kWords[] = {"ok", "FAILED", "skipped"};
    std::printf("%-8s %s%s%s\n", kWords[static_cast<size_t>(result.status)], result.name.c_str(),
                result.detail.empty() ? "" : ": ", result.detail.c_str());
  }
  return ok ? kExitOk : kExitFailure;
}

}  // namespace

void add_check_model(CLI::App& app, std::function<int()>& action) {
  app.description("Runs what every architecture must pass");
  const auto o = std::make_shared<CheckModel>();
  app.add_option("NAME", o->name, "The architecture")->required();
  app.add_option("--model", o->model, "A checkpoint to check as well")->check(not_empty());
  app.add_option("--goldens", o->goldens, "Folder of golden cases, or one case; by default the architecture's own")
      ->check(not_empty());
  app.add_flag("--all", o->all, "Every instruction set of this machine");
  app.callback([o, &action] { action = [o] { return check_model(*o); }; });
}

}  // namespace pio::apps
