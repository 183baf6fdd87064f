// SPDX-License-Identifier: Apache-2.0
#include "pio/plugin/conformance.h"

#include <algorithm>
#include <functional>

#include "pio/base/error.h"
#include "pio/plugin/conformance/check.h"

namespace pio::plugin {
namespace {

using conformance::Scope;
using conformance::Subject;

// Ids of the prompt of a real checkpoint, and how few with the reference kernels, which are slow.
constexpr size_t kIds = 100;
constexpr size_t kIdsOfReference = 6;

class Checker {
 public:
  void add(std::string name, CheckStatus status, std::string detail) {
    results_.push_back({std::move(name), status, std::move(detail)});
  }
  void run(const std::string& name, const std::function<conformance::Outcome()>& check) {
    try {
      auto [ok, detail] = check();
      add(name, ok ? CheckStatus::kOk : CheckStatus::kFailed, std::move(detail));
    } catch (const std::exception& error) {  // a plugin may throw what it likes
      add(name, CheckStatus::kFailed, told(error.what()));
    }
  }
  // Every check that `subject` is fit for, on each of `isas`.
  void run_all(const Subject& subject, const std::string& label,
               const std::vector<kernels::Isa>& isas) {
    for (const conformance::Check& check : conformance::checks()) {
      if (check.scope == Scope::kCase) {
        run(concat(check.name, " ", label), [&] { return check.run(subject); });
      }
    }
    for (const kernels::Isa isa : isas) {
      Subject here = subject;
      here.isa = isa;
      here.kept = std::make_shared<conformance::LoadedModels>();
      if (isa == kernels::Isa::kReference && subject.golden == nullptr) {
        here.ids.resize(std::min(here.ids.size(), kIdsOfReference));
        here.caches = {plan::KvType::kF16};
      }
      for (const conformance::Check& check : conformance::checks()) {
        if (check.scope == Scope::kIsa ||
            (check.scope == Scope::kGoldenIsa && subject.golden != nullptr)) {
          run(concat(check.name, " ", label, " ", kernels::name(isa)),
              [&] { return check.run(here); });
        }
      }
    }
  }
  std::vector<CheckResult> take() { return std::move(results_); }

 private:
  // A model that cannot be loaded fails every check with one message, which is told once.
  [[nodiscard]] std::string told(const std::string& message) const {
    const auto first = std::ranges::find(results_, message, &CheckResult::detail);
    return first == results_.end() ? message : concat("as ", first->name);
  }

  std::vector<CheckResult> results_;
};

// Where the goldens should be, and why there are none if there are none.
std::filesystem::path golden_folder(const Architecture& architecture, const CheckOptions& options,
                                    std::string& missing) {
  const std::filesystem::path folder = !options.goldens.empty() || architecture.source.empty()
                                           ? options.goldens
                                           : architecture.source / "tests" / "golden";
  std::error_code error;
  if (folder.empty()) {
    missing = "the architecture was registered without a folder: name one with goldens";
  } else if (options.goldens.empty() &&
             !std::filesystem::is_directory(architecture.source, error)) {
    missing = concat("the source folder ", escaped(architecture.source.string()),
                     " is gone: name a folder with goldens");
  } else if (!std::filesystem::is_directory(folder, error)) {
    missing = concat(escaped(folder.string()), " is not a folder");
  } else if (golden_cases(folder).empty()) {
    missing = concat("no case under ", escaped(folder.string()));
  }
  if (!missing.empty() && !options.goldens.empty()) {
    fail(ErrorCode::kNotFound, "goldens: " + missing);
  }
  return folder;
}

std::vector<kernels::Isa> isas_of(const CheckOptions& options) {
  return options.isas.empty() ? check_isas(false) : options.isas;
}

void check_goldens(Checker& checker, const ModelFactory& factory, const Architecture& architecture,
                   const CheckOptions& options) {
  std::string missing;
  const auto folder = golden_folder(architecture, options, missing);
  if (!missing.empty()) {
    checker.add("goldens", CheckStatus::kFailed, missing);
    return;
  }
  for (const auto& path : golden_cases(folder)) {
    const std::string label = path.filename().string();
    try {
      const GoldenCase golden(path);
      checker.run_all({.factory = factory,
                       .architecture = architecture.manifest.name,
                       .model = golden.model(),
                       .golden = &golden,
                       .ids = golden.prompt(golden.prompts().back())},
                      label, isas_of(options));
    } catch (const std::exception& error) {
      checker.add("goldens " + label, CheckStatus::kFailed, error.what());
    }
  }
}

// What any plugin can do: be made, take its configuration, and give it back.
void check_life_cycle(Checker& checker, const Architecture& architecture) {
  checker.run("initialize", [&] {
    const auto fresh = architecture.plugin.make();
    fresh->initialize({});
    const auto fields = fresh->config().to_json();
    const auto other = architecture.plugin.make();
    other->initialize(fields);
    const auto again = other->config().to_json();
    return json::Value(again).dump() == json::Value(fields).dump()
               ? conformance::pass()
               : conformance::failed("fields change on the way through JSON");
  });
}

void check_unit_tests(Checker& checker, const Architecture& architecture) {
  if (architecture.plugin.unit_tests) {
    checker.run("unit tests", [&] { return conformance::pass(architecture.plugin.unit_tests()); });
  } else {
    checker.add("unit tests", CheckStatus::kSkipped, "those of C++ folders are programs: ctest runs them");
  }
}

}  // namespace

std::vector<kernels::Isa> check_isas(bool all) {
  std::vector<kernels::Isa> out;
  for (const kernels::Isa isa : kernels::kIsas) {
    if (all ? kernels::is_available(isa) : isa == kernels::default_isa()) {
      out.push_back(isa);
    }
  }
  return out;
}

std::vector<CheckResult> check_checkpoint(const ModelFactory& factory, const std::string& name,
                                          const std::filesystem::path& path,
                                          const std::vector<kernels::Isa>& isas) {
  Checker checker;
  std::vector<int32_t> ids(kIds);
  for (size_t i = 0; i < ids.size(); ++i) {
    ids[i] = static_cast<int32_t>(i * 131 % 251 + 3);
  }
  checker.run_all({.factory = factory,
                   .architecture = name,
                   .model = path,
                   .ids = ids,
                   .thread_counts = {1, 2}},
                  path.filename().string(), isas);
  return checker.take();
}

std::vector<CheckResult> check_model(const ModelFactory& factory, const std::string& name,
                                     const CheckOptions& options) {
  const Architecture& architecture = factory.find(name);
  Checker checker;
  check_life_cycle(checker, architecture);
  check_unit_tests(checker, architecture);
  if (architecture.plugin.kind == PluginKind::kCausalLM) {
    check_goldens(checker, factory, architecture, options);
  } else {
    checker.add("goldens", CheckStatus::kSkipped, "a generic architecture needs none");
  }
  auto results = checker.take();
  if (options.checkpoint.empty()) {
    results.push_back({"checkpoint", CheckStatus::kSkipped, "none given"});
  } else {
    for (auto& result :
         check_checkpoint(factory, name, options.checkpoint, isas_of(options))) {
      results.push_back(std::move(result));
    }
  }
  return results;
}

}  // namespace pio::plugin
