// SPDX-License-Identifier: Apache-2.0
// The small JSON files around a model. The first byte says which: 'i' a
// model.safetensors.index.json, 'm' a plugin_manifest.json, anything else a config.json.
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "pio/base/error.h"
#include "pio/formats/hf_config.h"
#include "pio/formats/sharded_index.h"
#include "pio/nn/rope_config.h"
#include "pio/plugin/base_config.h"
#include "pio/plugin/manifest.h"

namespace {

namespace fs = std::filesystem;

// A folder of this process with one shard, "1.safetensors", that holds "a" (F32) and "b" (I32).
const fs::path& shard_folder() {
  static const fs::path folder = [] {
    const auto path = fs::temp_directory_path() / ("pio_config_fuzz_" + std::to_string(getpid()));
    fs::create_directories(path);
    const std::string header = R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
                               R"("b":{"dtype":"I32","shape":[1],"data_offsets":[4,8]}})";
    std::ofstream out(path / "1.safetensors", std::ios::binary);
    const uint64_t size = header.size();
    out.write(reinterpret_cast<const char*>(&size), sizeof(size));
    out << header << "abcdefgh";
    return path;
  }();
  return folder;
}

void read_index(std::string_view text) {
  const fs::path& folder = shard_folder();
  std::ofstream(folder / "model.safetensors.index.json", std::ios::binary) << text;
  const auto weights = pio::formats::open_weights_folder(folder);
  for (const auto& tensor : weights->tensors()) {
    if (weights->find(tensor.name) != &tensor) {
      __builtin_trap();
    }
  }
  for (const auto& other : weights->others()) {
    if (weights->find_other(other.name) != &other) {
      __builtin_trap();
    }
  }
}

void read_config(std::string_view text) {
  const pio::formats::HfConfig config(pio::json::parse_value(text, "config.json"), "config.json");
  static_cast<void>(pio::nn::read_rope(config, 2048));
  pio::plugin::BaseConfig base;
  base.load(config);
  pio::plugin::BaseConfig again;
  again.override_with(base.to_json());
  if (pio::json::Value(base.to_json()).dump() != pio::json::Value(again.to_json()).dump()) {
    __builtin_trap();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) {
    return 0;
  }
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  try {
    if (data[0] == 'i') {
      read_index(text);
    } else if (data[0] == 'm') {
      static_cast<void>(pio::plugin::parse_manifest(text, "plugin_manifest.json"));
    } else {
      read_config(text);
    }
  } catch (const pio::Error&) {  // the one accepted way to refuse; anything else is a finding
  }
  return 0;
}
