// SPDX-License-Identifier: Apache-2.0
// Writes a new model folder.
#pragma once

#include <filesystem>
#include <string>

#include "apps/scaffold/source_config.h"

namespace pio::apps {

/// What a new model folder is to be.
struct NewModel {
  std::string name;      ///< one that why_not_a_model_name has nothing against
  std::string language;  ///< "cpp" or "python"
  SourceConfig source;
  std::filesystem::path folder;  ///< where the folder is made
};

/// Writes folder/name: code from the templates, a tiny checkpoint and golden numbers. Returns its
/// path; after an error nothing of it is left. Errors: kInvalidArgument if there is something of
/// that name; kNotFound if `folder` is none; those of writing.
std::filesystem::path write_model_folder(const NewModel& model);

}  // namespace pio::apps
