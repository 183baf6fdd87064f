// SPDX-License-Identifier: Apache-2.0
// new-model: writes a model folder that runs as it is.
#include <algorithm>

#include "../command.h"
#include "apps/scaffold/config_fields.h"
#include "apps/scaffold/model_folder.h"
#include "apps/scaffold/model_name.h"
#include "pio/plugin/model_factory.h"

namespace pio::apps {
namespace {

namespace fs = std::filesystem;

struct NewModelOptions {
  std::string name, from, folder;
  std::string language = "cpp";
};

// The source tree that this program was built from, or the one that it is called in.
fs::path models_folder(const std::string& given) {
  if (!given.empty()) {
    return given;
  }
  std::error_code error;
  for (const fs::path& root : {fs::path(PIO_SOURCE_DIR), fs::current_path()}) {
    if (fs::path models = root / "src" / "inference_pio" / "models";
        fs::is_directory(models, error)) {
      return models;
    }
  }
  throw UsageError("--dir",
                   "is needed: there is no src/inference_pio/models, neither where this "
                   "program was built nor here");
}

SourceConfig source_of(const std::string& from) {
  if (from.empty()) {
    return default_source();
  }
  try {
    return read_source(resolve_model(from));
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kNotFound) {
      throw UsageError("--from", error.what());
    }
    throw Error(error.code(), error.what());  // not a MODEL that is refused: a command that fails
  }
}

void check_name(const std::string& name) {
  if (const std::string why = why_not_a_model_name(name); !why.empty()) {
    throw UsageError("NAME", why);
  }
  for (const auto& architecture : plugin::model_factory().available()) {
    if (architecture.manifest.name == name) {
      throw UsageError("NAME",
                       concat("\"", name, "\" is taken: ", architecture.manifest.description));
    }
  }
}

// Who opens these checkpoints already: --plugin chooses between them.
void note_others(const SourceConfig& source) {
  for (const auto& architecture : plugin::model_factory().available()) {
    const auto& types = architecture.manifest.model_types;
    const auto claims = [&](const std::string& type) {
      return std::ranges::find(types, type) != types.end();
    };
    if (std::ranges::any_of(source.model_types, claims)) {
      print_note("note", concat("\"", architecture.manifest.name,
                                "\" opens these checkpoints too: choose with --plugin"));
    }
  }
}

// The folder runs, but not yet the checkpoint that it was made from.
void note_activation(const SourceConfig& source) {
  if (const std::string other = config_fields(source.config).activation; !other.empty()) {
    print_note("note", concat("hidden_act is ", other,
                              ", the new model computes \"silu\" and refuses such checkpoints "
                              "until you change that (README.md)"));
  }
}

int new_model(const NewModelOptions& o) {
  check_name(o.name);
  NewModel model{.name = o.name,
                 .language = o.language,
                 .source = source_of(o.from),
                 .folder = models_folder(o.folder)};
  fs::path made;
  try {
    made = write_model_folder(model);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kInvalidArgument || error.code() == ErrorCode::kNotFound) {
      throw UsageError(error.code() == ErrorCode::kNotFound ? "--dir" : "NAME", error.what());
    }
    throw;
  }
  note_others(model.source);
  note_activation(model.source);
  print(made.string() + "\n");
  return kExitOk;
}

}  // namespace

void add_new_model(Options& options) {
  options.description(
      "Writes a model folder that runs as it is: code, tests, a tiny checkpoint and its numbers");
  const auto o = std::make_shared<NewModelOptions>();
  options.add("NAME", o->name, "The architecture: [a-z][a-z0-9_]*").required();
  options.add("--lang", o->language, "cpp or python").one_of({"cpp", "python"});
  options
      .add("--from", o->from,
           "A config.json, or a checkpoint, whose fields it gets; by default the Llama family's")
      .not_empty();
  options
      .add("--dir", o->folder,
           "Where to make it; by default src/inference_pio/models of the source tree")
      .not_empty();
  options.action([o] { return new_model(*o); });
}

}  // namespace pio::apps
