// SPDX-License-Identifier: Apache-2.0
#include "pio/formats/safetensors_header.h"

#include "pio/base/error.h"
#include "pio/base/json.h"
#include "pio/formats/byte_reader.h"
#include "pio/formats/weight_source.h"

namespace pio::formats {
namespace {

constexpr size_t kMaxDims = 8;
constexpr std::string_view kMetadataKey = "__metadata__";

/// Follows the events: depth 1 is the header object, 2 an entry or the metadata, 3 a list in an
/// entry.
class HeaderReader final : public json::Handler {
 public:
  HeaderReader(uint64_t start, std::string_view source) : start_(start), source_(source) {}

  SafetensorsHeader take() { return std::move(header_); }

  void null() override {
    if (depth_ == 1 && in_metadata_) {
      in_metadata_ = false;
      return;
    }
    scalar("null");
  }
  void boolean(bool /*value*/) override { scalar("a bool"); }
  void real(double value) override { scalar(concat(value)); }
  void integer(int64_t value) override {
    if (value < 0) {
      scalar(concat(value));
    } else {
      whole(static_cast<uint64_t>(value));
    }
  }
  void unsigned_integer(uint64_t value) override { whole(value); }

  void string(std::string_view value) override {
    if (depth_ == 2 && in_metadata_) {
      header_.metadata.emplace_back(key_, value);
    } else if (depth_ == 2 && field_ == Field::kDtype) {
      entry_.dtype = find_safetensors_dtype(value);
      if (entry_.dtype == nullptr) {
        reject(concat("unknown dtype \"", escaped(value, 40), "\", known are ",
                      safetensors_dtype_names()));
      }
    } else {
      scalar("a string");
    }
  }

  void begin_object() override {
    if (depth_ == 1 && !in_metadata_) {
      entry_ = {};
      entry_.name = key_;
      entry_.at = start_ + offset();
      seen_ = 0;
    } else if (depth_ > 1) {
      nested("an object");
    }
    ++depth_;
  }

  void key(std::string_view name) override {
    if (depth_ == 1) {
      key_ = name;
      in_metadata_ = name == kMetadataKey;
    } else if (depth_ == 2 && in_metadata_) {
      key_ = name;
    } else if (depth_ == 2) {
      field_ = name == "dtype"          ? Field::kDtype
               : name == "shape"        ? Field::kShape
               : name == "data_offsets" ? Field::kOffsets
                                        : Field::kOther;
      seen_ |= 1u << static_cast<unsigned>(field_);
    }
  }

  void end_object() override {
    --depth_;
    if (depth_ == 1) {
      if (!in_metadata_) {
        finish_entry();
      }
      in_metadata_ = false;
    }
  }

  void begin_array() override {
    if (depth_ == 0) {
      fail_at(source_, start_ + offset(), "the header is an array, expected an object");
    }
    const bool list = field_ == Field::kShape || field_ == Field::kOffsets;
    if (depth_ != 2 || in_metadata_ || !list) {
      nested("an array");
    } else {
      offsets_read_ = 0;
    }
    ++depth_;
  }
  void end_array() override {
    --depth_;
    if (depth_ == 2 && field_ == Field::kOffsets && offsets_read_ != 2) {
      reject("data_offsets must be two numbers");
    }
  }

 private:
  enum class Field : uint8_t { kDtype, kShape, kOffsets, kOther };

  [[nodiscard]] std::string_view field_name() const {
    constexpr std::string_view kNames[] = {"dtype", "shape", "data_offsets", ""};
    return kNames[static_cast<uint8_t>(field_)];
  }

  [[noreturn]] void reject(const std::string& what) const {
    fail_at(source_, start_ + offset(),
            in_metadata_ ? what : concat("tensor \"", escaped(entry_name()), "\": ", what));
  }
  [[nodiscard]] std::string_view entry_name() const { return depth_ < 2 ? key_ : entry_.name; }

  // A value where only some fields may have one; fields that the format does not know are skipped.
  void scalar(const std::string& what) const {
    if (depth_ == 0) {
      fail_at(source_, start_ + offset(), concat("the header is ", what, ", expected an object"));
    }
    if (in_metadata_) {
      reject(concat("__metadata__ holds ", what, " for \"", escaped(key_), "\", expected text"));
    }
    if (depth_ == 1) {
      reject(concat("is ", what, ", expected an object"));
    }
    if (field_ != Field::kOther) {
      reject(concat(field_name(), " holds ", what, depth_ == 2 ? "" : ", expected whole numbers"));
    }
  }
  void nested(const std::string& what) const { scalar(what); }

  void whole(uint64_t value) {
    if (depth_ != 3 || in_metadata_ || field_ == Field::kOther) {
      scalar("a number");
    } else if (field_ == Field::kShape) {
      if (entry_.shape.size() == kMaxDims) {
        reject(concat("more than ", kMaxDims, " dimensions"));
      }
      if (value > static_cast<uint64_t>(INT64_MAX)) {
        reject(concat("overflow: dimension ", value));
      }
      entry_.shape.push_back(static_cast<int64_t>(value));
    } else {
      if (offsets_read_ == 2) {
        reject("data_offsets must be two numbers");
      }
      (offsets_read_ == 0 ? entry_.begin : entry_.end) = value;
      ++offsets_read_;
    }
  }

  void finish_entry() {
    if ((seen_ & 7u) != 7u) {
      reject("dtype, shape and data_offsets are needed, one is missing");
    }
    const SafetensorsSize size = safetensors_size(*entry_.dtype, entry_.shape);
    if (!size.problem.empty()) {
      reject(concat(size.problem, " (", entry_.dtype->name, " ", shape_text(entry_.shape), ")"));
    }
    if (entry_.end < entry_.begin || entry_.end - entry_.begin != size.bytes) {
      reject(concat("data_offsets [", entry_.begin, ", ", entry_.end, "], but ", entry_.dtype->name,
                    " ", shape_text(entry_.shape), " takes ", size.bytes, " bytes"));
    }
    header_.entries.push_back(std::move(entry_));
  }

  uint64_t start_;
  std::string_view source_;
  SafetensorsHeader header_;
  SafetensorsEntry entry_;
  std::string key_;
  int depth_ = 0;
  bool in_metadata_ = false;
  Field field_ = Field::kOther;
  unsigned seen_ = 0;
  int offsets_read_ = 0;
};

}  // namespace

SafetensorsHeader parse_safetensors_header(std::string_view text, uint64_t start,
                                           std::string_view source) {
  HeaderReader reader(start, source);
  json::parse(text, concat(source, ": header"), reader);
  return reader.take();
}

}  // namespace pio::formats
