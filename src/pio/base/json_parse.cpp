// SPDX-License-Identifier: Apache-2.0
// The only user of nlohmann-json.
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "pio/base/error.h"
#include "pio/base/json.h"

namespace pio::json {
namespace {

// Feeds the parser and counts the bytes it took.
struct CountingIterator {
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  const char* position = nullptr;
  const char** shared = nullptr;

  reference operator*() const { return *position; }
  CountingIterator& operator++() {
    *shared = ++position;
    return *this;
  }
  CountingIterator operator++(int) {
    const auto old = *this;
    ++*this;
    return old;
  }
  bool operator==(const CountingIterator& other) const { return position == other.position; }
  bool operator!=(const CountingIterator& other) const { return position != other.position; }
};

}  // namespace

// Checks depth and duplicate keys, then passes events on.
struct SaxAdapter : nlohmann::json_sax<nlohmann::json> {
  SaxAdapter(std::string_view all, std::string_view name, Handler& to, Limits with)
      : text(all), source(name), handler(to), limits(with), position(all.data()) {}

  [[noreturn]] void reject(size_t at, const std::string& what) const {
    fail(ErrorCode::kBadFile, concat(escaped(source), ": byte ", at, ": ", what));
  }
  void mark() { handler.offset_ = static_cast<size_t>(position - text.data()); }
  void push(bool object) {
    mark();
    if (static_cast<int>(levels.size()) >= limits.max_depth) {
      reject(handler.offset_, concat("nested deeper than the depth limit of ", limits.max_depth));
    }
    levels.push_back(object && limits.reject_duplicate_keys
                         ? std::make_unique<std::unordered_set<std::string>>()
                         : nullptr);
  }

  bool null() override {
    mark();
    handler.null();
    return true;
  }
  bool boolean(bool value) override {
    mark();
    handler.boolean(value);
    return true;
  }
  bool number_integer(number_integer_t value) override {
    mark();
    handler.integer(value);
    return true;
  }
  bool number_unsigned(number_unsigned_t value) override {
    mark();
    if (value <= static_cast<uint64_t>(INT64_MAX)) {
      handler.integer(static_cast<int64_t>(value));
    } else {
      handler.unsigned_integer(value);
    }
    return true;
  }
  bool number_float(number_float_t value, const string_t& raw) override {
    mark();
    if (!std::isfinite(value)) {
      reject(handler.offset_, concat("number out of range: ", escaped(raw, 40)));
    }
    handler.real(value);
    return true;
  }
  bool string(string_t& value) override {
    mark();
    handler.string(value);
    return true;
  }
  bool binary(binary_t& /*value*/) override { return false; }
  bool start_object(std::size_t /*elements*/) override {
    push(true);
    handler.begin_object();
    return true;
  }
  bool key(string_t& name) override {
    mark();
    if (levels.back() && !levels.back()->insert(name).second) {
      reject(handler.offset_, concat("duplicate key \"", escaped(name), "\""));
    }
    handler.key(name);
    return true;
  }
  bool end_object() override {
    mark();
    levels.pop_back();
    handler.end_object();
    return true;
  }
  bool start_array(std::size_t /*elements*/) override {
    push(false);
    handler.begin_array();
    return true;
  }
  bool end_array() override {
    mark();
    levels.pop_back();
    handler.end_array();
    return true;
  }
  bool parse_error(std::size_t at, const std::string& token,
                   const nlohmann::detail::exception& error) override {
    std::string_view why = error.what();
    if (const auto colon = why.rfind(": syntax error"); colon != std::string_view::npos) {
      why.remove_prefix(colon + 2);
    }
    reject(at, concat("invalid JSON near \"", escaped(token, 40), "\": ", escaped(why)));
  }

  std::string_view text;
  std::string_view source;
  Handler& handler;
  Limits limits;
  const char* position;
  std::vector<std::unique_ptr<std::unordered_set<std::string>>> levels;
};

void parse(std::string_view text, std::string_view source, Handler& handler, Limits limits) {
  SaxAdapter adapter(text, source, handler, limits);
  if (text.substr(0, 3) == "\xef\xbb\xbf") {
    adapter.reject(0, "starts with a byte order mark");
  }
  // nlohmann takes a NUL for the end of its input and would ignore all behind it.
  if (const size_t nul = text.find('\0'); nul != std::string_view::npos) {
    adapter.reject(nul, "NUL byte");
  }
  const CountingIterator begin{text.data(), &adapter.position};
  const CountingIterator end{text.data() + text.size(), &adapter.position};
  nlohmann::json::sax_parse(begin, end, &adapter);
}

namespace {

class DomBuilder final : public Handler {
 public:
  void null() override { add(Value()); }
  void boolean(bool value) override { add(Value(value)); }
  void integer(int64_t value) override { add(Value(value)); }
  void unsigned_integer(uint64_t value) override { add(Value(value)); }
  void real(double value) override { add(Value(value)); }
  void string(std::string_view value) override { add(Value(value)); }
  void begin_object() override { open_.emplace_back(true); }
  void key(std::string_view name) override { open_.back().key = name; }
  void end_object() override { close(); }
  void begin_array() override { open_.emplace_back(false); }
  void end_array() override { close(); }

  Value take() { return std::move(root_); }

 private:
  struct Level {
    explicit Level(bool opens_object) : is_object(opens_object) {}
    bool is_object;
    std::string key;
    Object object;
    Array array;
  };

  void add(Value value) {
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (open_.back().is_object) {
      open_.back().object.emplace_back(std::move(open_.back().key), std::move(value));
    } else {
      open_.back().array.push_back(std::move(value));
    }
  }
  void close() {
    Level level = std::move(open_.back());
    open_.pop_back();
    if (level.is_object) {
      add(Value(std::move(level.object)));
    } else {
      add(Value(std::move(level.array)));
    }
  }

  Value root_;
  std::vector<Level> open_;
};

}  // namespace

Value parse_value(std::string_view text, std::string_view source, Limits limits) {
  if (text.size() > kMaxDomBytes) {
    fail(ErrorCode::kBadFile, concat(escaped(source), ": ", text.size(),
                                     " bytes of JSON, the limit is ", kMaxDomBytes));
  }
  DomBuilder builder;
  parse(text, source, builder, limits);
  return builder.take();
}

}  // namespace pio::json
