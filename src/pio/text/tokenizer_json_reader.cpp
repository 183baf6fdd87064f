// SPDX-License-Identifier: Apache-2.0
#include "pio/text/tokenizer_json_reader.h"

#include <algorithm>
#include <utility>

#include "pio/base/error.h"

namespace pio::text {
namespace {

constexpr int kMaxDepth = 512;
constexpr size_t kMaxBytes = size_t{128} << 20;  // four times the largest seen
constexpr size_t kMaxValues = 500'000;  // beside vocabulary and merges: bounds the memory they take

class Reader final : public json::Handler {
 public:
  Reader(TokenizerJson& result, std::string_view source) : result_(result), source_(source) {}

  void null() override { scalar(json::Value()); }
  void boolean(bool value) override { scalar(json::Value(value)); }
  void unsigned_integer(uint64_t value) override { scalar(json::Value(value)); }
  void real(double value) override { scalar(json::Value(value)); }

  void integer(int64_t value) override {
    if (inside_ == Inside::kVocab) {
      result_.vocabulary->add(key_, value);
      return;
    }
    scalar(json::Value(value));
  }

  void string(std::string_view value) override {
    switch (inside_) {
      case Inside::kMerges:
        spaced_merge(value);
        break;
      case Inside::kMergePair:
        merge_part(value);
        break;
      default:
        scalar(json::Value(value));
    }
  }

  void begin_object() override {
    if (inside_ == Inside::kNothing && at_model_key("vocab")) {
      inside_ = Inside::kVocab;
      first_time(result_.has_vocabulary, "vocab");
      return;
    }
    open(true);
  }

  void begin_array() override {
    if (inside_ == Inside::kNothing && at_model_key("vocab")) {
      inside_ = Inside::kOtherVocab;
    }
    if (inside_ == Inside::kOtherVocab) {
      ++skipped_depth_;
      return;
    }
    if (inside_ == Inside::kNothing && at_model_key("merges")) {
      inside_ = Inside::kMerges;
      first_time(result_.has_merges, "merges");
      return;
    }
    if (inside_ == Inside::kMerges) {
      inside_ = Inside::kMergePair;
      parts_ = 0;
      return;
    }
    open(false);
  }

  void key(std::string_view name) override {
    if (inside_ == Inside::kVocab) {
      key_.assign(name);
    } else if (inside_ == Inside::kNothing) {
      open_.back().key.assign(name);
    }
  }

  void end_object() override {
    if (inside_ == Inside::kVocab) {
      inside_ = Inside::kNothing;
    } else if (inside_ == Inside::kNothing) {
      close();
    }
  }

  void end_array() override {
    switch (inside_) {
      case Inside::kOtherVocab:
        if (--skipped_depth_ == 0) {
          inside_ = Inside::kNothing;
        }
        break;
      case Inside::kMerges:
        inside_ = Inside::kNothing;
        break;
      case Inside::kMergePair:
        if (parts_ != 2) {
          reject(concat("a merge of ", parts_, " tokens, wanted 2"));
        }
        result_.merges.add(left_, right_);
        inside_ = Inside::kMerges;
        break;
      default:
        close();
    }
  }

 private:
  enum class Inside : uint8_t { kNothing, kVocab, kOtherVocab, kMerges, kMergePair };
  struct Level {
    bool is_object;
    std::string key;
    json::Object object;
    json::Array array;
  };

  [[noreturn]] void reject(const std::string& what) const {
    fail(ErrorCode::kBadFile, concat(escaped(source_), ": byte ", offset(), ": ", what));
  }

  // Whether the value to come is member `name` of the document's "model".
  [[nodiscard]] bool at_model_key(std::string_view name) const {
    return open_.size() == 2 && open_[0].is_object && open_[0].key == "model" &&
           open_[1].is_object && open_[1].key == name;
  }

  void first_time(bool& seen, std::string_view name) {
    if (seen) {
      reject(concat("duplicate key \"", name, "\""));
    }
    seen = true;
  }

  void spaced_merge(std::string_view text) {
    const size_t space = text.find(' ');
    if (space == std::string_view::npos || text.find(' ', space + 1) != std::string_view::npos) {
      reject(concat("merge \"", escaped(text), "\", wanted two tokens and a space"));
    }
    result_.merges.add(text.substr(0, space), text.substr(space + 1));
  }

  void merge_part(std::string_view text) {
    (parts_ == 0 ? left_ : right_).assign(text);
    ++parts_;
  }

  void scalar(json::Value value) {
    switch (inside_) {
      case Inside::kNothing:
        add(std::move(value));
        break;
      case Inside::kOtherVocab:
        break;
      case Inside::kVocab:
        reject(concat("token \"", escaped(key_), "\" has a ", value.kind(), " for an id"));
      case Inside::kMerges:
      case Inside::kMergePair:
        reject(concat("a ", value.kind(), " in the merges"));
    }
  }

  void open(bool is_object) {
    if (inside_ == Inside::kOtherVocab) {
      return;  // objects in it: their ends are ignored as well
    }
    if (inside_ != Inside::kNothing) {
      scalar(is_object ? json::Value(json::Object()) : json::Value(json::Array()));
    }
    open_.push_back({is_object, {}, {}, {}});
  }

  // json::parse() could see to this, but for a vocabulary it would cost a third of the time.
  void check_keys(const json::Object& object) const {
    std::vector<std::string_view> keys;
    for (const auto& [name, value] : object) {
      keys.push_back(name);
    }
    std::sort(keys.begin(), keys.end());
    const auto twice = std::adjacent_find(keys.begin(), keys.end());
    if (twice != keys.end()) {
      reject(concat("duplicate key \"", escaped(*twice), "\""));
    }
  }

  void close() {
    Level level = std::move(open_.back());
    open_.pop_back();
    check_keys(level.object);
    add(level.is_object ? json::Value(std::move(level.object))
                        : json::Value(std::move(level.array)));
  }

  void add(json::Value value) {
    if (++values_ > kMaxValues) {
      reject(concat("more than ", kMaxValues, " values beside vocabulary and merges"));
    }
    if (open_.empty()) {
      result_.rest = std::move(value);
    } else if (open_.back().is_object) {
      open_.back().object.emplace_back(open_.back().key, std::move(value));
    } else {
      open_.back().array.push_back(std::move(value));
    }
  }

  TokenizerJson& result_;
  std::string_view source_;
  Inside inside_ = Inside::kNothing;
  int skipped_depth_ = 0;
  size_t parts_ = 0;
  size_t values_ = 0;
  std::string key_;
  std::string left_;
  std::string right_;
  std::vector<Level> open_;
};

}  // namespace

void PairList::add(std::string_view left, std::string_view right) {
  entries_.push_back(
      {arena_.size(), static_cast<uint32_t>(left.size()), static_cast<uint32_t>(right.size())});
  arena_.append(left).append(right);
}

std::string_view PairList::left(size_t i) const noexcept {
  return std::string_view(arena_).substr(entries_[i].begin, entries_[i].left_size);
}

std::string_view PairList::right(size_t i) const noexcept {
  return std::string_view(arena_).substr(entries_[i].begin + entries_[i].left_size,
                                         entries_[i].right_size);
}

TokenizerJson read_tokenizer_json(std::string_view text, std::string_view source) {
  if (text.size() > kMaxBytes) {
    fail(ErrorCode::kBadFile,
         concat(escaped(source), ": ", text.size(), " bytes, the limit is ", kMaxBytes));
  }
  TokenizerJson result;
  result.vocabulary = std::make_shared<Vocabulary>(std::string(source));
  Reader reader(result, source);
  json::parse(text, source, reader, {.max_depth = kMaxDepth, .reject_duplicate_keys = false});
  return result;
}

}  // namespace pio::text
