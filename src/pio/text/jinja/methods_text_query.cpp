// SPDX-License-Identifier: Apache-2.0
// str methods that ask: positions, counts and character classes.
#include <algorithm>

#include "pio/base/error.h"
#include "pio/base/utf8.h"
#include "pio/text/jinja/methods.h"
#include "pio/text/jinja/pystring.h"

namespace pio::text::jinja {
namespace {

/// The part of a string that [start, end) names, as str.find() reads them.
struct Part {
  std::string_view text;
  int64_t start;  ///< code points before it
  bool valid;     ///< false: start lies behind end, nothing is found, not even ""
};

Part part_of(Runtime& runtime, const Value& self, const Bound& bound) {
  const StringData& data = self.string_data();
  runtime.budget.scan(data.text.size());
  const int64_t size = static_cast<int64_t>(data.length);
  const auto place = [size](int64_t at) { return at < 0 ? std::max(at, -size) + size : at; };
  const int64_t start = bound.given(1) != nullptr ? place(bound.integer(1, 0)) : 0;
  const int64_t end =
      std::min(bound.given(2) != nullptr ? place(bound.integer(2, size)) : size, size);
  if (start > end) {
    return {"", 0, false};
  }
  const std::string_view rest =
      std::string_view(data.text).substr(byte_offset(data.text, static_cast<size_t>(start)));
  return {rest.substr(0, byte_offset(rest, static_cast<size_t>(end - start))), start, true};
}

int64_t search(Runtime& runtime, const Value& self, const Args& args, bool from_right) {
  const Bound bound("find", args, {"sub", "start", "end"}, 1);
  const Part part = part_of(runtime, self, bound);
  const std::string_view wanted = bound.text(0, "");
  const size_t at = from_right ? part.text.rfind(wanted) : part.text.find(wanted);
  return !part.valid || at == std::string_view::npos
             ? -1
             : part.start + static_cast<int64_t>(code_points(part.text.substr(0, at)));
}

template <bool kFromRight>
Value find(Runtime& runtime, const Value& self, const Args& args) {
  return Value::integer(search(runtime, self, args, kFromRight));
}

template <bool kFromRight>
Value index(Runtime& runtime, const Value& self, const Args& args) {
  const int64_t at = search(runtime, self, args, kFromRight);
  if (at < 0) {
    fail_run("substring not found");
  }
  return Value::integer(at);
}

Value count(Runtime& runtime, const Value& self, const Args& args) {
  const Bound bound("count", args, {"sub", "start", "end"}, 1);
  const Part part = part_of(runtime, self, bound);
  const std::string_view wanted = bound.text(0, "");
  if (!part.valid || wanted.empty()) {
    return Value::integer(part.valid ? static_cast<int64_t>(code_points(part.text)) + 1 : 0);
  }
  int64_t found = 0;
  for (size_t at = part.text.find(wanted); at != std::string_view::npos;
       at = part.text.find(wanted, at + wanted.size())) {
    ++found;
  }
  return Value::integer(found);
}

// startswith and endswith, of one text or any of a tuple.
template <bool kAtEnd>
Value affix(Runtime& runtime, const Value& self, const Args& args) {
  const Bound bound("startswith", args, {"prefix", "start", "end"}, 1);
  const Part part = part_of(runtime, self, bound);
  const auto fits = [&](const Value& wanted) {
    if (!wanted.is_string()) {
      fail_run(concat(kAtEnd ? "endswith" : "startswith",
                      " first arg must be str or a tuple of str, not ", type_name(wanted)));
    }
    return part.valid &&
           (kAtEnd ? part.text.ends_with(wanted.text()) : part.text.starts_with(wanted.text()));
  };
  if (bound[0]->is(Kind::kTuple)) {
    runtime.budget.step(bound[0]->items().size());
    return Value::boolean(std::ranges::any_of(bound[0]->items(), fits));
  }
  return Value::boolean(fits(*bound[0]));
}

// Whether the text is not empty and every code point is of the class.
template <bool (*kClass)(char32_t) noexcept, bool kEmpty = false>
Value all_of(Runtime& runtime, const Value& self, const Args& args) {
  const Bound bound("str method", args, {});
  const std::string_view text = self.text();
  runtime.budget.scan(text.size());
  bool all = kEmpty || !text.empty();
  for (size_t at = 0; at < text.size() && all;) {
    const auto decoded = utf8::decode(text, at);
    all = kClass(decoded.code_point);
    at += decoded.size;
  }
  return Value::boolean(all);
}

template <bool (*kTest)(std::string_view)>
Value whole(Runtime& runtime, const Value& self, const Args& args) {
  const Bound bound("str method", args, {});
  runtime.budget.scan(self.text().size());
  return Value::boolean(kTest(self.text()));
}

bool is_ascii(char32_t c) noexcept { return c < 0x80; }

// Upper or title letters only behind uncased ones, lower ones only behind cased ones.
bool is_title(std::string_view text) {
  bool after_cased = false;
  bool any = false;
  for (size_t at = 0; at < text.size();) {
    const auto decoded = utf8::decode(text, at);
    const char32_t c = decoded.code_point;
    at += decoded.size;
    const bool big = is_upper(c) || is_title_letter(c);
    const bool small = is_lower(c);
    if ((big && after_cased) || (small && !after_cased)) {
      return false;
    }
    after_cased = big || small;
    any |= after_cased;
  }
  return any;
}

bool is_identifier(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const auto decoded = utf8::decode(text, at);
    const char32_t c = decoded.code_point;
    if (c != '_' && !(at == 0 ? is_alpha(c) : is_alnum(c))) {
      return false;
    }
    at += decoded.size;
  }
  return !text.empty();
}

constexpr Named<Method> kMethods[] = {{"find", find<false>},
                                      {"rfind", find<true>},
                                      {"index", index<false>},
                                      {"rindex", index<true>},
                                      {"count", count},
                                      {"startswith", affix<false>},
                                      {"endswith", affix<true>},
                                      {"isalpha", all_of<is_alpha>},
                                      {"isalnum", all_of<is_alnum>},
                                      {"isdecimal", all_of<is_decimal>},
                                      {"isdigit", all_of<is_digit>},
                                      {"isnumeric", all_of<is_numeric>},
                                      {"isspace", all_of<is_space>},
                                      {"isprintable", all_of<is_printable, true>},
                                      {"isascii", all_of<is_ascii, true>},
                                      {"islower", whole<all_lower>},
                                      {"isupper", whole<all_upper>},
                                      {"istitle", whole<is_title>},
                                      {"isidentifier", whole<is_identifier>}};

}  // namespace

std::span<const Named<Method>> text_query_methods() { return kMethods; }

}  // namespace pio::text::jinja
