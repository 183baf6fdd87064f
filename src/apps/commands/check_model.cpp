// SPDX-License-Identifier: Apache-2.0
// check-model: conformance of an architecture, on its goldens and on a real checkpoint.
#include "../command.h"
#include "pio/plugin/conformance.h"

namespace pio::apps {
namespace {

struct CheckModel {
  std::string name, model, goldens, isa;
  bool all = false;
};

int check_model(const CheckModel& o) {
  plugin::CheckOptions options;
  options.isas = o.all ? plugin::check_isas(true) : std::vector{parse_isa(o.isa)};
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
    std::string word = kWords[static_cast<size_t>(result.status)];
    word.resize(8, ' ');
    print(concat(word, " ", result.name, result.detail.empty() ? "" : ": ", result.detail, "\n"));
  }
  return ok ? kExitOk : kExitFailure;
}

}  // namespace

void add_check_model(Options& options) {
  options.description("Runs what every architecture must pass");
  const auto o = std::make_shared<CheckModel>();
  options.add("NAME", o->name, "The architecture").required();
  options.add("--model", o->model, "A checkpoint to check as well").not_empty();
  options
      .add("--goldens", o->goldens,
           "Folder of golden cases, or one case; by default the architecture's own")
      .not_empty();
  const auto all = options.add_flag("--all", o->all, "Every instruction set of this machine");
  options.add("--isa", o->isa, "Instruction set: reference, avx2, avxvnni, avx512 or avx512_bf16")
      .not_empty()
      .excludes(all);
  options.action([o] { return check_model(*o); });
}

}  // namespace pio::apps
