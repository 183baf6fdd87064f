// SPDX-License-Identifier: Apache-2.0
#include "pio/formats/sharded_index.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "pio/base/error.h"
#include "pio/base/json.h"
#include "pio/base/mmap_file.h"
#include "pio/formats/byte_reader.h"
#include "pio/formats/safetensors.h"
#include "pio/formats/tensor_table.h"

namespace pio::formats {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxShards = 4096;
constexpr size_t kMaxIndexBytes = size_t{64} << 20;
constexpr std::string_view kSingleName = "model.safetensors";
constexpr std::string_view kIndexName = "model.safetensors.index.json";

/// Collects "weight_map" of the index: shard -> the tensors it must hold.
class IndexReader final : public json::Handler {
 public:
  explicit IndexReader(std::string_view source) : source_(source) {}

  [[nodiscard]] const std::map<std::string, std::vector<std::string>>& shards() const {
    return shards_;
  }
  [[nodiscard]] bool has_map() const { return has_map_; }

  void null() override { other(); }
  void boolean(bool /*value*/) override { other(); }
  void integer(int64_t /*value*/) override { other(); }
  void unsigned_integer(uint64_t /*value*/) override { other(); }
  void real(double /*value*/) override { other(); }
  void string(std::string_view value) override {
    if (depth_ != 2 || !in_map_) {
      other();
      return;
    }
    check_name(value);
    auto& tensors = shards_[std::string(value)];
    if (shards_.size() > kMaxShards) {
      reject(concat("shard \"", escaped(value), "\" is one too many, the limit is ", kMaxShards));
    }
    tensors.push_back(key_);
  }
  void begin_object() override {
    if (depth_ == 1 && in_map_) {
      has_map_ = true;
    } else if (depth_ > 0) {
      other();
    }
    ++depth_;
  }
  void key(std::string_view name) override {
    if (depth_ == 1) {
      in_map_ = name == "weight_map";
    } else if (depth_ == 2 && in_map_) {
      key_ = name;
    }
  }
  void end_object() override { --depth_; }
  void begin_array() override {
    other();
    ++depth_;
  }
  void end_array() override { --depth_; }

 private:
  [[noreturn]] void reject(const std::string& what) const { fail_at(source_, offset(), what); }

  void other() const {
    if (depth_ == 0) {
      reject("expected an object");
    }
    if (in_map_) {
      reject(depth_ == 1 ? "weight_map must be an object"
                         : concat("tensor \"", escaped(key_), "\": expected a shard's file name"));
    }
  }

  void check_name(std::string_view shard) const {
    const bool plain = !shard.empty() && shard != "." && shard != ".." &&
                       shard.find_first_of(std::string_view("/\\\0", 3)) == std::string_view::npos;
    if (!plain) {
      reject(concat("tensor \"", escaped(key_), "\": shard \"", escaped(shard),
                    "\" is not a plain file name in the model's folder"));
    }
  }

  std::string_view source_;
  std::map<std::string, std::vector<std::string>> shards_;
  std::string key_;
  int depth_ = 0;
  bool in_map_ = false;
  bool has_map_ = false;
};

/// Several safetensors files as one source.
class ShardedWeights final : public WeightSource {
 public:
  explicit ShardedWeights(const fs::path& index) : path_(index.string()) {
    const MmapFile file(index);
    if (file.bytes().size() > kMaxIndexBytes) {
      fail_at(path_, kMaxIndexBytes, "the index is longer than 64 MiB");
    }
    IndexReader reader(path_);
    json::parse(file.text(), path_, reader);
    if (!reader.has_map()) {
      fail_at(path_, file.bytes().size(), "no weight_map");
    }
    for (const auto& [shard, names] : reader.shards()) {
      add(index.parent_path() / shard, names);
    }
    if (const auto twice = table_.build_index()) {
      reject_twice(*twice);
    }
  }

  [[nodiscard]] const std::vector<TensorInfo>& tensors() const override { return table_.tensors(); }
  [[nodiscard]] const std::vector<OtherTensor>& others() const override { return table_.others(); }
  [[nodiscard]] const TensorInfo* find(std::string_view name) const override {
    return table_.find(name);
  }
  [[nodiscard]] const OtherTensor* find_other(std::string_view name) const override {
    return table_.find_other(name);
  }
  [[nodiscard]] const std::string& path() const override { return path_; }

 private:
  void add(const fs::path& shard, const std::vector<std::string>& names) {
    const std::string shown = escaped(shard.filename().string());
    try {
      files_.push_back(std::make_unique<SafetensorsFile>(shard));
    } catch (const Error& error) {
      fail(ErrorCode::kBadFile,
           concat(escaped(path_, 4096), ": shard \"", shown, "\": ", error.what()));
    }
    const SafetensorsFile& file = *files_.back();
    for (const std::string& name : names) {
      if (!file.contains(name)) {
        fail(ErrorCode::kBadFile, concat(escaped(path_, 4096), ": tensor \"", escaped(name),
                                         "\" is not in its shard \"", shown, "\""));
      }
    }
    for (const TensorInfo& tensor : file.tensors()) {
      table_.add(tensor);
    }
    for (const OtherTensor& tensor : file.others()) {
      table_.add(tensor);
    }
  }

  [[noreturn]] void reject_twice(const std::string& name) const {
    std::string holders;
    for (const auto& file : files_) {
      if (file->contains(name)) {
        holders += concat(holders.empty() ? "\"" : " and \"",
                          escaped(fs::path(file->path()).filename().string()), "\"");
      }
    }
    fail(ErrorCode::kBadFile, concat(escaped(path_, 4096), ": tensor \"", escaped(name),
                                     "\" is in two shards: ", holders));
  }

  std::string path_;
  std::vector<std::unique_ptr<SafetensorsFile>> files_;
  TensorTable table_;
};

// Also true for a link that leads nowhere: opening it then says why.
bool present(const fs::path& path) {
  std::error_code error;
  return fs::symlink_status(path, error).type() != fs::file_type::not_found && !error;
}

bool has_pickle(const fs::path& folder) {
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (name.starts_with("pytorch_model") && (name.ends_with(".bin") || name.ends_with(".json"))) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::unique_ptr<WeightSource> open_weights_folder(const fs::path& folder) {
  if (present(folder / kSingleName)) {
    return std::make_unique<SafetensorsFile>(folder / kSingleName);
  }
  if (present(folder / kIndexName)) {
    return std::make_unique<ShardedWeights>(folder / kIndexName);
  }
  const std::string shown = escaped(folder.string(), 4096);
  if (has_pickle(folder)) {
    fail(ErrorCode::kUnsupported,
         concat(shown,
                ": pytorch_model.bin is a pickle, which can run code and is never opened: "
                "convert to safetensors"));
  }
  fail(ErrorCode::kNotFound, concat(shown, ": no ", kSingleName, " and no ", kIndexName));
}

}  // namespace pio::formats
