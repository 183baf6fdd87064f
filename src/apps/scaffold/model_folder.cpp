// SPDX-License-Identifier: Apache-2.0
#include "apps/scaffold/model_folder.h"

#include <algorithm>
#include <map>

#include "apps/scaffold/config_fields.h"
#include "apps/scaffold/cpp_fields.h"
#include "apps/scaffold/model_name.h"
#include "apps/scaffold/python_fields.h"
#include "apps/scaffold/templates.h"
#include "apps/scaffold/tiny_checkpoint.h"
#include "apps/scaffold/tiny_config.h"
#include "apps/scaffold/tiny_goldens.h"
#include "apps/scaffold/write_text.h"
#include "pio/base/error.h"

namespace pio::apps {
namespace {

namespace fs = std::filesystem;
using Values = std::map<std::string, std::string>;

std::string json_list(const std::vector<std::string>& items) {
  return json::Value(json::Array(items.begin(), items.end())).dump();
}

// The manifest's lists of what it opens, each on a line behind a comma.
std::string manifest_lists(const SourceConfig& source) {
  std::string out;
  const auto add = [&](const char* key, const std::vector<std::string>& items) {
    if (!items.empty()) {
      out += concat(",\n    \"", key, "\": ", json_list(items));
    }
  };
  add("model_types", source.model_types);
  add("architectures", source.architectures);
  add("gguf_architectures", source.gguf_architectures);
  return out;
}

std::string joined(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items) {
    out += concat(out.empty() ? "" : ", ", item);
  }
  return out;
}

void add_cpp(const ConfigFields& fields, const NewModel& model, Values& values) {
  const std::string members = cpp_members(fields);
  values["MEMBERS"] = members.empty() ? "" : members + "\n";
  values["DEFAULTS"] = cpp_defaults(fields);
  values["FIELDS"] = members.empty() ? ""
                                     : concat(
                                           "\n  void fields(plugin::FieldVisitor& v) override {\n"
                                           "    plugin::DecoderConfig::fields(v);\n",
                                           cpp_visits(fields), "  }\n");
  values["PAIRED"] =
      model.source.has_paired_qk_rows
          ? "  [[nodiscard]] bool has_paired_qk_rows() const override { return true; }\n"
          : "";
}

void add_python(const ConfigFields& fields, const NewModel& model, Values& values) {
  values["IMPORTS"] = python_imports(fields);
  values["FIELDS"] = python_fields(fields, model.name);
  const bool norms = std::ranges::any_of(
      fields.decoder, [](const ConfigField& field) { return field.name == "qk_norm"; });
  values["QK_NORM"] = norms ? "            qk_norm=config.qk_norm,\n" : "";
  values["PAIRED"] =
      model.source.has_paired_qk_rows
          ? "    paired_qk_rows = True  # GGUF files of Llama's kind store q and k so\n"
          : "";
}

Values values_of(const NewModel& model) {
  const ConfigFields fields = config_fields(model.source.config);
  Values out = {
      {"NAME", model.name},
      {"CLASS", class_name(model.name)},
      {"MODEL", model_class_name(model.name)},
      {"ORIGIN", model.source.origin},
      {"LISTS", manifest_lists(model.source)},
      {"LEFT_OUT", fields.left_out.empty()
                       ? ""
                       : concat("- Keys that are no fields: ", joined(fields.left_out), ".\n")},
      {"ACTIVATION",
       fields.activation.empty()
           ? ""
           : concat("- That config says `hidden_act` ", fields.activation,
                    ", the model computes \"silu\": checkpoints of that kind are refused until the "
                    "model computes theirs\n  and its config accepts it.\n")},
      {"LANGUAGE", model.language}};
  (model.language == "cpp" ? add_cpp : add_python)(fields, model, out);
  return out;
}

void write_files(const fs::path& target, const NewModel& model) {
  const Values values = values_of(model);
  const std::string prefix = model.language + "/";
  for (const Template& file : templates()) {
    if (!file.path.starts_with(prefix)) {
      continue;
    }
    const fs::path path = target / file.path.substr(prefix.size());
    fs::create_directories(path.parent_path());
    write_text(path, filled(file.text, values));
  }
  const fs::path golden = target / "tests" / "golden" / "tiny";
  fs::create_directories(golden);
  write_tiny_checkpoint(golden, tiny_config(model.source.config));
  write_tiny_goldens(golden, model.source.origin);
}

}  // namespace

fs::path write_model_folder(const NewModel& model) {
  std::error_code error;
  if (!fs::is_directory(model.folder, error)) {
    fail(ErrorCode::kNotFound, concat(escaped(model.folder.string()), " is not a folder"));
  }
  const fs::path target = model.folder / model.name;
  PIO_CHECK(fs::symlink_status(target, error).type() == fs::file_type::not_found,
            escaped(target.string()), " is there already");
  if (!fs::create_directory(target, error)) {
    fail(ErrorCode::kBadFile,
         concat("cannot make ", escaped(target.string()), ": ", error.message()));
  }
  try {
    write_files(target, model);
  } catch (...) {
    fs::remove_all(target, error);
    throw;
  }
  return target;
}

}  // namespace pio::apps
