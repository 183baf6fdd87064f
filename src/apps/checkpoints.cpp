// SPDX-License-Identifier: Apache-2.0
#include "checkpoints.h"

#include <algorithm>

#include "pio/base/env.h"
#include "pio/plugin/model_factory.h"

namespace pio::apps {
namespace {

namespace fs = std::filesystem;

// What one folder holds, in an order that does not depend on the file system.
std::vector<FoundCheckpoint> checkpoints_in(const fs::path& folder) {
  std::vector<FoundCheckpoint> out;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const fs::path& path = entry.path();
    const bool gguf = path.extension() == ".gguf" && entry.is_regular_file(error);
    const bool hf = entry.is_directory(error) && fs::exists(path / "config.json", error);
    if (gguf || hf) {
      out.push_back({.name = gguf ? path.stem().string() : path.filename().string(), .path = path});
    }
  }
  std::ranges::sort(out, {}, &FoundCheckpoint::path);
  return out;
}

// Names for a message.
std::string list_of(const std::vector<FoundCheckpoint>& checkpoints) {
  std::string out;
  for (const FoundCheckpoint& found : checkpoints) {
    out += concat(out.empty() ? "" : ", ", found.name);
  }
  return out.empty() ? "none" : out;
}

// Whether an architecture opens the checkpoint at `path`, be it the first choice or not.
bool is_opened_by(const plugin::Manifest& manifest, const fs::path& path) {
  try {
    return plugin::opens(manifest, formats::open_checkpoint(path));
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

std::vector<fs::path> checkpoint_folders() {
  std::vector<fs::path> out;
  if (const auto cache = env_string("INFERENCE_PIO_CACHE")) {
    out.push_back(fs::path(*cache) / "models");
  } else if (const auto xdg = env_string("XDG_CACHE_HOME")) {
    out.push_back(fs::path(*xdg) / "inference-pio" / "models");
  } else if (const auto home = env_string("HOME")) {
    out.push_back(fs::path(*home) / ".cache" / "inference-pio" / "models");
  }
  const std::string value = env_string("INFERENCE_PIO_MODELS").value_or("");
  std::string listed = value;
  while (!listed.empty()) {
    const size_t colon = std::min(listed.find(':'), listed.size());
    const fs::path folder = listed.substr(0, colon);
    listed.erase(0, colon + 1);
    if (!folder.empty()) {
      std::error_code error;
      PIO_CHECK(fs::is_directory(folder, error), "INFERENCE_PIO_MODELS=\"", value,
                "\": ", folder.string(), " is not a folder");
      out.push_back(folder);
    }
  }
  return out;
}

std::vector<FoundCheckpoint> find_checkpoints() {
  std::vector<FoundCheckpoint> out;
  for (const fs::path& folder : checkpoint_folders()) {
    for (FoundCheckpoint& found : checkpoints_in(folder)) {
      if (std::ranges::find(out, found.name, &FoundCheckpoint::name) == out.end()) {
        out.push_back(std::move(found));
      }
    }
  }
  std::ranges::sort(out, {}, &FoundCheckpoint::name);
  return out;
}

fs::path resolve_model(const std::string& model) {
  std::error_code error;
  if (fs::exists(model, error)) {
    return model;
  }
  auto found = find_checkpoints();
  if (const auto it = std::ranges::find(found, model, &FoundCheckpoint::name); it != found.end()) {
    return it->path;
  }
  for (const auto& architecture : plugin::model_factory().available()) {
    if (architecture.manifest.name == model) {
      std::erase_if(found, [&](const auto& other) {
        return !is_opened_by(architecture.manifest, other.path);
      });
      throw ModelError(Error(ErrorCode::kNotFound,
                             concat("\"", model, "\" is an architecture, not a checkpoint; ",
                                    "its checkpoints here: ", list_of(found))));
    }
  }
  const std::string hint = model == kDefaultCheckpoint ? "; `make model` gets it" : "";
  throw ModelError(
      Error(ErrorCode::kNotFound,
            concat("no model \"", escaped(model), "\": not a path, and not among the checkpoints (",
                   list_of(found), ")", hint)));
}

formats::Checkpoint open_model(const std::string& model) {
  const fs::path path = resolve_model(model);
  try {
    return formats::open_checkpoint(path);
  } catch (const Error& error) {
    throw ModelError(error);
  }
}

}  // namespace pio::apps
