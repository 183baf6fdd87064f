// SPDX-License-Identifier: Apache-2.0
#include "pio/plugin/custom_model_loader.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <set>

#include "pio/base/error.h"
#include "pio/base/log.h"
#include "pio/plugin/gguf_config.h"

namespace pio::plugin {
namespace {

using formats::TensorInfo;
using quant::QuantType;

// Buffers that old checkpoints carry and no architecture reads.
constexpr std::array<std::string_view, 3> kInert = {"rotary_emb.inv_freq", "attn.masked_bias",
                                                    "rope_freqs.weight"};

constexpr std::array<std::string_view, 6> kFormatNames = {"auto", "f32", "f16", "bf16", "q8", "q4"};

formats::ConfigSection config_of(const formats::Checkpoint& checkpoint) {
  return checkpoint.gguf != nullptr ? gguf_config(*checkpoint.gguf)
                                    : static_cast<const formats::ConfigSection&>(*checkpoint.config);
}

std::string list_of(const std::vector<std::string>& items) {
  constexpr size_t kShown = 8;
  std::string out;
  for (size_t i = 0; i < std::min(kShown, items.size()); ++i) {
    out += concat(i == 0 ? "" : ", ", escaped(items[i]));
  }
  return items.size() > kShown ? concat(out, " and ", items.size() - kShown, " more") : out;
}

// Where a matrix cannot be cut into the wanted blocks it keeps the file's format.
QuantType packed_type(const TensorInfo& info, WeightFormat format) {
  constexpr std::array kTypes = {QuantType::kF32, QuantType::kF32, QuantType::kF16,
                                 QuantType::kBF16, QuantType::kQ8_0, QuantType::kQ4_0};
  if (format == WeightFormat::kAuto || info.shape.size() != 2) {
    return info.type;
  }
  const QuantType wanted = kTypes[static_cast<size_t>(format)];
  return info.shape[1] % quant::traits(wanted).block_weights == 0 ? wanted : info.type;
}

std::vector<int64_t> sizes(const Shape& shape) {
  std::vector<int64_t> out;
  for (const Dim& dim : shape.dims()) {
    out.push_back(dim.to_int());
  }
  return out;
}

// A vector's elements are reordered at once; a matrix's rows when they are packed.
void reorder_vector(tensor::Slot& slot, const std::vector<int32_t>& order) {
  const std::vector<float> values = tensor::slot_values(slot);
  const auto owned = std::make_shared<std::vector<float>>();
  for (const int32_t from : order) {
    owned->push_back(values[static_cast<size_t>(from)]);
  }
  slot.type = QuantType::kF32;
  slot.data = std::as_bytes(std::span(*owned));
  slot.owner = owned;
}

// A slot that points at a tensor of a file.
std::shared_ptr<tensor::Slot> slot_of(const TensorInfo& info, const std::string& name) {
  auto slot = std::make_shared<tensor::Slot>();
  slot->name = name;
  slot->loaded = true;
  slot->type = info.type;
  slot->packed_type = info.type;
  slot->data = info.bytes;
  return slot;
}

class Filler {
 public:
  Filler(const formats::Checkpoint& checkpoint, const LoadRules& rules)
      : checkpoint_(checkpoint), rules_(rules) {}

  // The slot of a parameter, pointing at its tensor; null, which check() then tells, where that does not fit.
  std::shared_ptr<tensor::Slot> make(const std::string& name, const Shape& shape) {
    std::string in_file = rules_.file_name ? rules_.file_name(name) : name;
    if (in_file.empty()) {
      in_file = name;  // the format has no such tensor: the list of missing ones says which
    }
    used_.insert(in_file);
    const TensorInfo* info = checkpoint_.weights->find(in_file);
    if (info == nullptr) {
      missing_.push_back(concat(with_dtype(in_file), " ", formats::shape_text(sizes(shape))));
      return nullptr;
    }
    if (info->shape != sizes(shape)) {
      misshapen_.push_back(concat(in_file, ": expected ", formats::shape_text(sizes(shape)), ", file has ",
                                  formats::shape_text(info->shape)));
      return nullptr;
    }
    auto slot = slot_of(*info, name);
    slot->shape = shape;
    slot->packed_type = packed_type(*info, rules_.format);
    slot->owner = checkpoint_.weights;
    const auto order = rules_.row_order ? rules_.row_order(name, info->shape[0]) : std::vector<int32_t>{};
    if (!order.empty() && info->shape.size() == 1) {
      reorder_vector(*slot, order);
    } else {
      slot->row_order = order;
    }
    return slot;
  }

  // Names of the tensors that no parameter took.
  std::vector<std::string> check() const {
    std::vector<std::string> unread;
    std::vector<std::string> unexpected;
    const auto note = [&](const std::string& name) {
      if (!used_.contains(name)) {
        unread.push_back(name);
        if (!is_ignored(name)) {
          unexpected.push_back(name);
        }
      }
    };
    for (const TensorInfo& info : checkpoint_.weights->tensors()) {
      note(info.name);
    }
    for (const formats::OtherTensor& other : checkpoint_.weights->others()) {
      note(other.name);
    }
    std::string message;
    const auto add = [&](const char* what, const std::vector<std::string>& items) {
      if (!items.empty()) {
        message += concat(message.empty() ? "" : "; ", what, " ", list_of(items));
      }
    };
    add("missing", missing_);
    add("misshapen", misshapen_);
    if (rules_.allow_extra && !unexpected.empty()) {
      log::write(log::Level::kWarning, concat("unexpected tensors: ", list_of(unexpected)));
    } else {
      add("unexpected", unexpected);
    }
    if (!message.empty()) {
      fail(ErrorCode::kBadFile, concat(escaped(checkpoint_.weights->path()), ": ", message));
    }
    return unread;
  }

 private:
  [[nodiscard]] bool is_ignored(std::string_view name) const {
    const auto ends = [&](std::string_view ending) { return name.ends_with(ending); };
    return std::ranges::any_of(kInert, ends) || std::ranges::any_of(rules_.ignored_parameters, ends);
  }
  // A tensor that is there in a format without kernels is named with it.
  [[nodiscard]] std::string with_dtype(const std::string& name) const {
    const formats::OtherTensor* other = checkpoint_.weights->find_other(name);
    return other != nullptr ? concat(name, " (its type ", other->dtype, " has no kernel)") : name;
  }

  const formats::Checkpoint& checkpoint_;
  const LoadRules& rules_;
  std::set<std::string> used_;
  std::vector<std::string> missing_;
  std::vector<std::string> misshapen_;
};

}  // namespace

WeightFormat weight_format(std::string_view name) {
  for (size_t i = 0; i < kFormatNames.size(); ++i) {
    if (kFormatNames[i] == name) {
      return static_cast<WeightFormat>(i);
    }
  }
  fail(ErrorCode::kInvalidArgument,
       concat("weights \"", escaped(name), "\": expected auto, f32, f16, bf16, q8 or q4"));
}

CustomModelLoader::CustomModelLoader(const std::filesystem::path& path)
    : CustomModelLoader(formats::open_checkpoint(path)) {}

CustomModelLoader::CustomModelLoader(formats::Checkpoint checkpoint)
    : checkpoint_(std::move(checkpoint)), config_(config_of(checkpoint_)) {}

std::vector<std::string> CustomModelLoader::names() const {
  std::vector<std::string> out;
  for (const TensorInfo& info : checkpoint_.weights->tensors()) {
    out.push_back(info.name);
  }
  return out;
}

nn::Tensor CustomModelLoader::tensor(const std::string& name) const {
  const TensorInfo& info = checkpoint_.weights->require(name);
  auto slot = slot_of(info, name);
  slot->shape = Shape(std::vector<Dim>(info.shape.begin(), info.shape.end()));
  slot->owner = checkpoint_.weights;
  return tensor::parameter(std::move(slot));
}

std::vector<std::string> CustomModelLoader::load_into(nn::Module& module, const LoadRules& rules) const {
  Filler filler(checkpoint_, rules);
  std::vector<std::pair<std::string, nn::Tensor>> loaded;  // new slots: what was computed before keeps the old ones
  for (const auto& [name, old] : module.name_parameters()) {
    if (auto slot = filler.make(name, old->shape); slot != nullptr) {
      loaded.emplace_back(name, tensor::parameter(std::move(slot)));
    }
  }
  std::vector<std::string> unread = filler.check();
  module.replace_parameters(loaded);
  return unread;
}

int64_t CustomModelLoader::weight_bytes() const {
  int64_t bytes = 0;
  for (const TensorInfo& info : checkpoint_.weights->tensors()) {
    bytes += static_cast<int64_t>(info.bytes.size());
  }
  return bytes;
}

}  // namespace pio::plugin
