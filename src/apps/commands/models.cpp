// SPDX-License-Identifier: Apache-2.0
// models: the checkpoints found and the architectures there are.
#include "../command.h"
#include "pio/base/error.h"
#include "pio/plugin/model_factory.h"

namespace pio::apps {
namespace {

// Whether something can be used, and why not.
struct State {
  std::string status = "ok";
  std::string reason;
};

// What action() throws as a state: of a kind that nothing here opens, or broken.
template <class Action>
State state_of(const Action& action) {
  try {
    action();
    return {};
  } catch (const Error& error) {
    return {error.code() == ErrorCode::kUnsupported ? "unsupported" : "broken",
            one_line(error.what())};
  } catch (const std::exception& error) {
    return {"broken", one_line(error.what())};
  }
}

json::Array checkpoints() {
  json::Array out;
  for (const FoundCheckpoint& found : find_checkpoints()) {
    std::string architecture;
    const State state = state_of([&] {
      architecture = plugin::model_factory().find_for(formats::open_checkpoint(found.path)).manifest.name;
    });
    out.push_back(json::Object{{"name", found.name},
                               {"path", found.path.string()},
                               {"architecture", architecture},
                               {"status", state.status},
                               {"reason", state.reason}});
  }
  return out;
}

// Who runs the token loop: "batched" for the engine, "own loop", or "" for what is not generative.
const char* loop_of(const plugin::PluginClass& plugin) {
  return plugin.has_own_loop ? "own loop" : plugin.is_generative() ? "batched" : "";
}

json::Array architectures() {
  json::Array out;
  for (const auto& architecture : plugin::model_factory().available()) {
    const plugin::Manifest& m = architecture.manifest;
    const State state = state_of([&] { architecture.plugin.make()->initialize({}); });
    out.push_back(json::Object{{"name", m.name},
                               {"version", m.version},
                               {"type", m.type},
                               {"language", m.language.empty() ? "cpp" : m.language},
                               {"path", m.path.empty() ? "built in" : m.path},
                               {"loop", loop_of(architecture.plugin)},
                               {"status", state.status},
                               {"reason", state.reason}});
  }
  for (const plugin::BrokenArchitecture& folder : plugin::model_factory().broken()) {
    const plugin::Manifest& m = folder.manifest;
    out.push_back(json::Object{{"name", m.name},
                               {"version", m.version},
                               {"type", m.type},
                               {"language", m.language},
                               {"path", m.path},
                               {"loop", ""},
                               {"status", "broken"},
                               {"reason", folder.reason}});
  }
  return out;
}

// The members `keys` of each entry, in columns of one width; the reason below what cannot be used.
std::string table(const json::Array& entries, const std::vector<const char*>& keys) {
  std::vector<size_t> widths(keys.size());
  for (const json::Value& entry : entries) {
    for (size_t k = 0; k < keys.size(); ++k) {
      widths[k] = std::max(widths[k], entry.find(keys[k])->as_string().size());
    }
  }
  std::string out;
  for (const json::Value& entry : entries) {
    for (size_t k = 0; k < keys.size(); ++k) {
      const std::string& text = entry.find(keys[k])->as_string();
      const bool is_last = k + 1 == keys.size();
      out += concat("  ", text, is_last ? "\n" : std::string(widths[k] - text.size(), ' '));
    }
    if (const std::string& reason = entry.find("reason")->as_string(); !reason.empty()) {
      out += concat("    ", entry.find("status")->as_string(), ": ", reason, "\n");
    }
  }
  return out;
}

int models(bool as_json) {
  const json::Array found = checkpoints();
  const json::Array built_in = architectures();
  if (as_json) {
    print(json::Value(json::Object{{"checkpoints", found}, {"architectures", built_in}}).dump() + "\n");
  } else {
    print(concat("Checkpoints (MODEL takes their names)\n", table(found, {"name", "architecture", "path"}),
                 "Architectures\n", table(built_in, {"name", "version", "language", "loop", "path"})));
  }
  return kExitOk;
}

}  // namespace

void add_models(Options& options) {
  options.description("Lists checkpoints and architectures");
  const auto as_json = std::make_shared<bool>(false);
  options.add_flag("--json", *as_json, "As JSON");
  options.action([as_json] { return models(*as_json); });
}

}  // namespace pio::apps
