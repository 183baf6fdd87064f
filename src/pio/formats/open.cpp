// SPDX-License-Identifier: Apache-2.0
#include "pio/formats/open.h"

#include <string>
#include <system_error>

#include "pio/base/error.h"
#include "pio/formats/sharded_index.h"

namespace pio::formats {
namespace {

namespace fs = std::filesystem;

// "; it holds x.gguf: name that file" where a folder has a GGUF but no config.
std::string gguf_hint(const fs::path& folder) {
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (at->path().extension() == ".gguf") {
      return concat("; it holds ", escaped(at->path().filename().string()), ": name that file");
    }
  }
  return "";
}

Checkpoint open_folder(const fs::path& path) {
  std::error_code error;
  const auto config = fs::symlink_status(path / "config.json", error);
  if (config.type() == fs::file_type::not_found) {
    fail(ErrorCode::kNotFound,
         concat(escaped(path.string(), 4096), ": the folder has no config.json", gguf_hint(path)));
  }
  if (error) {
    fail(ErrorCode::kBadFile, concat(escaped(path.string(), 4096), ": ", error.message()));
  }
  Checkpoint out{CheckpointKind::kHuggingFace, path, nullptr, nullptr, nullptr};
  out.config = std::make_shared<const HfConfig>(path);
  out.weights = open_weights_folder(path);
  return out;
}

Checkpoint open_gguf(const fs::path& path) {
  auto gguf = std::make_shared<const GgufFile>(path);
  if (const auto parts = gguf->get_uint("split.count"); parts && *parts > 1) {
    fail(ErrorCode::kUnsupported, concat(escaped(path.string(), 4096), ": one of ", *parts,
                                         " parts of a split GGUF: merge them into one file"));
  }
  return {CheckpointKind::kGguf, path, gguf, gguf, nullptr};
}

}  // namespace

Checkpoint open_checkpoint(const fs::path& path) {
  const std::string shown = escaped(path.string(), 4096);
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) {
    fail(ErrorCode::kNotFound, concat(shown, ": no such file or folder"));
  }
  if (status.type() == fs::file_type::none) {
    fail(ErrorCode::kBadFile, concat(shown, ": ", error.message()));
  }
  if (fs::is_directory(status)) {
    return open_folder(path);
  }
  if (fs::is_regular_file(status) && path.extension() == ".safetensors") {
    fail(ErrorCode::kUnsupported,
         concat(shown, ": weights alone; name the folder that holds config.json beside them"));
  }
  return open_gguf(path);
}

}  // namespace pio::formats
