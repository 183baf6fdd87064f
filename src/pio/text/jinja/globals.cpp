// SPDX-License-Identifier: Apache-2.0
// The functions that every template can call.
#include <algorithm>
#include <array>
#include <ctime>
#include <memory>

#include "pio/base/error.h"
#include "pio/base/utf8.h"
#include "pio/text/jinja/operators.h"
#include "pio/text/jinja/print.h"

namespace pio::text::jinja {
namespace {

/// joiner(): nothing at first, then the separator.
class Joiner final : public Object {
 public:
  explicit Joiner(Value separator) : separator_(std::move(separator)) {
    depth = separator_.depth() + 1;
  }
  [[nodiscard]] std::string_view type_name() const override { return "Joiner"; }
  [[nodiscard]] bool callable() const override { return true; }
  Value call(Runtime& /*runtime*/, const Args& args) override {
    const Bound bound("joiner", args, {});
    return std::exchange(used_, true) ? separator_ : Value::constant("");
  }

 private:
  Value separator_;
  bool used_ = false;
};

Value joiner(Runtime& /*runtime*/, const Args& args) {
  const Bound bound("joiner", args, {"sep"});
  return Value(Kind::kObject,
               std::make_shared<Joiner>(bound[0] != nullptr ? *bound[0] : Value::constant(", ")));
}

Value range(Runtime& runtime, const Args& args) {
  const Bound bound("range", args, {"start", "stop", "step"}, 1);
  if (!args.named.empty()) {
    fail_run("range() takes no keyword arguments");
  }
  const bool one = bound[1] == nullptr;
  return runtime.range(one ? 0 : bound.integer(0, 0),
                       one ? bound.integer(0, 0) : bound.integer(1, 0), bound.integer(2, 1));
}

DictData::Items pairs_of(Runtime& runtime, const Value& value) {
  if (value.is(Kind::kDict)) {
    return value.dict().items;
  }
  DictData::Items out;
  for (const Value& pair : iterate(runtime, value)) {
    std::vector<Value> two = iterate(runtime, pair);
    if (two.size() != 2) {
      fail_run("dictionary update sequence element needs length 2");
    }
    out.emplace_back(std::move(two[0]), std::move(two[1]));
  }
  return out;
}

DictData::Items dict_items(Runtime& runtime, std::string_view what, const Args& args) {
  if (args.positional.size() > 1) {
    fail_run(concat(what, " expected at most 1 argument, got ", args.positional.size()));
  }
  DictData::Items items =
      args.positional.empty() ? DictData::Items() : pairs_of(runtime, args.positional[0]);
  for (const auto& [name, value] : args.named) {
    items.emplace_back(runtime.string(name), value);
  }
  return items;
}

Value dict(Runtime& runtime, const Args& args) {
  return runtime.dict(dict_items(runtime, "dict", args));
}

Value namespace_function(Runtime& runtime, const Args& args) {
  std::vector<std::pair<std::string, Value>> fields;
  for (auto& [name, value] : dict_items(runtime, "namespace", args)) {
    fields.emplace_back(to_str(name), value);
  }
  return runtime.make_namespace(std::move(fields));
}

Value raise_exception(Runtime& /*runtime*/, const Args& args) {
  const Bound bound("raise_exception", args, {"message"}, 1);
  fail(ErrorCode::kInvalidArgument, to_str(*bound[0]));
}

std::tm broken_down(const Runtime& runtime) {
  const auto point = runtime.now.value_or(std::chrono::system_clock::now());
  const std::time_t seconds = std::chrono::system_clock::to_time_t(point);
  std::tm out{};
  const bool ok =
      runtime.now ? gmtime_r(&seconds, &out) != nullptr : localtime_r(&seconds, &out) != nullptr;
  if (!ok) {
    fail_run("strftime_now(): the clock is out of range");
  }
  return out;
}

// datetime.now() is naive: %z and %Z are empty; %f is the microsecond, 0 for a whole-second clock.
std::string python_directives(std::string_view format, int64_t microsecond) {
  std::string out;
  for (size_t i = 0; i < format.size(); ++i) {
    const char c = i + 1 < format.size() && format[i] == '%' ? format[i + 1] : '\0';
    if (c == 'f') {
      std::string digits = std::to_string(microsecond);
      out += std::string(6 - std::min<size_t>(digits.size(), 6), '0') + digits;
      ++i;
    } else if (c == 'z' || c == 'Z') {
      ++i;
    } else {
      out += format[i];
      if (c == '%') {
        out += format[++i];
      }
    }
  }
  return out;
}

Value strftime_now(Runtime& runtime, const Args& args) {
  const Bound bound("strftime_now", args, {"format"}, 1);
  const std::string_view given = bound.text(0, "");
  if (given.size() > 1000) {
    fail_run("strftime_now(): format of more than 1000 bytes");
  }
  const std::tm time = broken_down(runtime);
  const auto point = runtime.now.value_or(std::chrono::system_clock::now());
  const auto micros = std::chrono::floor<std::chrono::microseconds>(point.time_since_epoch());
  // The leading byte tells an empty result from one that did not fit.
  const std::string format = "x" + python_directives(given, floor_mod(micros.count(), 1'000'000));
  std::array<char, 16384> text{};
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  const size_t size = std::strftime(text.data(), text.size(), format.c_str(), &time);
#pragma GCC diagnostic pop
  if (size == 0) {
    fail_run("strftime_now(): output limit reached");
  }
  return runtime.string(utf8::sanitized(std::string_view(text.data() + 1, size - 1)));
}

constexpr Named<Function> kGlobals[] = {{"range", range},
                                        {"dict", dict},
                                        {"namespace", namespace_function},
                                        {"joiner", joiner},
                                        {"raise_exception", raise_exception},
                                        {"strftime_now", strftime_now}};

}  // namespace

Function find_global(std::string_view name) {
  const auto* found = std::ranges::find(kGlobals, name, &Named<Function>::name);
  return found == std::end(kGlobals) ? nullptr : found->function;
}

}  // namespace pio::text::jinja
