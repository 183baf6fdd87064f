// SPDX-License-Identifier: Apache-2.0
// models: the checkpoints found and the architectures there are.
#include <cstdio>

#include "../command.h"
#include "pio/base/error.h"

namespace pio::apps {
namespace {

// The architecture that would open it, or why none does.
std::string architecture_of(const std::filesystem::path& path) {
  try {
    return plugin::model_factory().find_for(formats::open_checkpoint(path)).manifest.name;
  } catch (const Error&) {
    return "";
  }
}

int models(bool as_json) {
  json::Array checkpoints;
  for (const FoundCheckpoint& found : find_checkpoints()) {
    checkpoints.push_back(json::Object{{"name", found.name},
                                       {"path", found.path.string()},
                                       {"architecture", architecture_of(found.path)}});
  }
  json::Array architectures;
  for (const auto& architecture : plugin::model_factory().available()) {
    const plugin::Manifest& m = architecture.manifest;
    architectures.push_back(json::Object{{"name", m.name},
                                         {"version", m.version},
                                         {"type", m.type},
                                         {"language", m.language.empty() ? "cpp" : m.language},
                                         {"path", m.path.empty() ? "built in" : m.path},
                                         {"status", "ok"},
                                         {"reason", ""}});
  }
  if (as_json) {
    print(json::Value(json::Object{{"checkpoints", checkpoints}, {"architectures", architectures}}).dump() +
          "\n");
    return kExitOk;
  }
  std::string out = "Checkpoints (MODEL takes their names)\n";
  for (const json::Value& c : checkpoints) {
    out += concat("  ", c.find("name")->as_string(), "  ", c.find("architecture")->as_string(), "  ",
                  c.find("path")->as_string(), "\n");
  }
  out += "Architectures\n";
  for (const json::Value& a : architectures) {
    out += concat("  ", a.find("name")->as_string(), "  ", a.find("version")->as_string(), "  ",
                  a.find("language")->as_string(), "  ", a.find("path")->as_string(), "\n");
  }
  print(out);
  return kExitOk;
}

}  // namespace

void add_models(CLI::App& app, std::function<int()>& action) {
  app.description("Lists checkpoints and architectures");
  const auto as_json = std::make_shared<bool>(false);
  app.add_flag("--json", *as_json, "As JSON");
  app.callback([as_json, &action] { action = [as_json] { return models(*as_json); }; });
}

}  // namespace pio::apps
