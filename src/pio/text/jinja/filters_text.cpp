// SPDX-License-Identifier: Apache-2.0
// Filters on text.
#include <algorithm>

#include "pio/base/error.h"
#include "pio/base/utf8.h"
#include "pio/text/jinja/filters.h"
#include "pio/text/jinja/format.h"
#include "pio/text/jinja/operators.h"
#include "pio/text/jinja/print.h"
#include "pio/text/jinja/pystring.h"

namespace pio::text::jinja {
namespace {

// The input as text, its length charged.
Value text_of(Runtime& runtime, const Value& input) {
  Value text = soft_str(runtime, input);
  runtime.budget.scan(text.text().size());
  return text;
}

Value upper(Runtime& runtime, const Value& input, const Args& args) {
  const Bound bound("upper", args, {});
  const Value text = text_of(runtime, input);
  return like(runtime, text, map_case(text.text(), CaseMap::kUpper));
}

Value lower(Runtime& runtime, const Value& input, const Args& args) {
  const Bound bound("lower", args, {});
  const Value text = text_of(runtime, input);
  return like(runtime, text, map_case(text.text(), CaseMap::kLower));
}

Value capitalize_filter(Runtime& runtime, const Value& input, const Args& args) {
  const Bound bound("capitalize", args, {});
  const Value text = text_of(runtime, input);
  return like(runtime, text, capitalize(text.text()));
}

// Words begin behind white space and -({[<, unlike those of str.title().
Value title_filter(Runtime& runtime, const Value& input, const Args& args) {
  const Bound bound("title", args, {});
  const Value text = text_of(runtime, input);
  const auto separates = [](std::string_view piece) {
    return is_space(utf8::decode(piece, 0).code_point) ||
           std::string_view("-({[<").find(piece) != std::string_view::npos;
  };
  std::string out;
  std::string_view rest = text.text();
  while (!rest.empty()) {
    const size_t first = byte_offset(rest, 1);
    size_t end = first;
    const bool separator = separates(rest.substr(0, first));
    while (end < rest.size()) {
      const size_t size = utf8::decode(rest, end).size;
      if (separates(rest.substr(end, size)) != separator) {
        break;
      }
      end += size;
    }
    out += map_case(rest.substr(0, first), CaseMap::kUpper);
    out += map_case(rest.substr(first, end - first), CaseMap::kLower);
    rest.remove_prefix(end);
  }
  return runtime.string(std::move(out));
}

Value trim(Runtime& runtime, const Value& input, const Args& args) {
  const Bound bound("trim", args, {"chars"});
  const Value text = text_of(runtime, input);
  std::optional<std::string_view> chars;
  if (bound.given(0) != nullptr) {
    chars = bound.text(0, "");
    runtime.budget.scan(chars->size());
  }
  return like(runtime, text, std::string(strip(text.text(), chars)));
}

Value replace(Runtime& runtime, const Value& input, const Args& args) {
  const Bound bound("replace", args, {"old", "new", "count"}, 2);
  const Value text = text_of(runtime, input);
  const std::string from = to_str(*bound[0]);
  const std::string to = to_str(*bound[1]);
  const int64_t count = bound.given(2) != nullptr ? bound.integer(2, -1) : -1;
  std::string out = replace_text(text.text(), from, to, count);
  runtime.budget.scan(out.size());
  return runtime.string(std::move(out));
}

Value indent(Runtime& runtime, const Value& input, const Args& args) {
  const Bound bound("indent", args, {"width", "first", "blank"});
  if (!input.is_string()) {
    fail_run(input.is_undefined() ? input.undefined_message()
                                  : concat("indent(): expected str, got ", type_name(input)));
  }
  runtime.budget.scan(input.text().size() * 4);
  TextBuilder unit;
  if (bound[0] != nullptr && bound[0]->is_string()) {
    unit.append(bound[0]->text());
  } else {
    unit.repeat(" ", bound.integer(0, 4));
  }
  const bool blank = bound.flag(2, false);
  const std::string text = std::string(input.text()) + "\n";
  TextBuilder out;
  out.append(bound.flag(1, false) ? unit.view() : "");
  bool first = true;
  for (const std::string_view line : split_lines(text, false)) {
    if (!first) {
      out.append("\n");
      out.append(line.empty() && !blank ? "" : unit.view());
    }
    first = false;
    out.append(line);
  }
  return like(runtime, input, out.take());
}

Value center(Runtime& runtime, const Value& input, const Args& args) {
  const Bound bound("center", args, {"width"});
  const Value text = text_of(runtime, input);
  const Value centre = text;
  std::string_view name = "center";
  const Method method = find_method(centre, name);
  return method(runtime, centre, Args{{Value::integer(bound.integer(0, 80))}, {}});
}

Value truncate(Runtime& runtime, const Value& input, const Args& args) {
  const Bound bound("truncate", args, {"length", "killwords", "end", "leeway"});
  const int64_t limit = bound.integer(0, 255);
  const std::string_view end = bound.text(2, "...");
  const int64_t leeway = bound.given(3) != nullptr ? bound.integer(3, 5) : 5;
  const int64_t end_length = static_cast<int64_t>(code_points(end));
  if (limit < end_length || leeway < 0) {
    fail_run(concat("expected length >= ", end_length, ", got ", limit));
  }
  runtime.budget.scan(input.is_string() ? input.text().size() : 0);
  if (length(input) <= limit + std::min<int64_t>(leeway, INT64_MAX - limit)) {
    return input;
  }
  if (!input.is_string()) {
    fail_run(concat("truncate(): expected str, got ", type_name(input)));
  }
  const std::string_view text = input.text();
  std::string_view kept =
      text.substr(0, byte_offset(text, static_cast<size_t>(limit - end_length)));
  if (!bound.flag(1, false)) {
    kept = kept.substr(0, std::min(kept.rfind(' '), kept.size()));
  }
  return like(runtime, input, std::string(kept) + std::string(end));
}

Value wordcount(Runtime& runtime, const Value& input, const Args& args) {
  const Bound bound("wordcount", args, {});
  const Value text = text_of(runtime, input);
  int64_t count = 0;
  bool within = false;
  for (size_t at = 0; at < text.text().size();) {
    const auto decoded = utf8::decode(text.text(), at);
    const bool word = decoded.code_point == '_' || is_alnum(decoded.code_point);
    count += word && !within ? 1 : 0;
    within = word;
    at += decoded.size;
  }
  return Value::integer(count);
}

Value format_filter(Runtime& runtime, const Value& input, const Args& args) {
  if (!args.positional.empty() && !args.named.empty()) {
    fail_run("can't handle positional and keyword arguments at the same time");
  }
  const Value text = text_of(runtime, input);
  if (args.named.empty()) {
    return format_percent(runtime, text, runtime.tuple(args.positional));
  }
  DictData::Items items;
  for (const auto& [name, value] : args.named) {
    items.emplace_back(runtime.string(name), value);
  }
  return format_percent(runtime, text, runtime.dict(std::move(items)));
}

Value escape(Runtime& runtime, const Value& input, const Args& args) {
  const Bound bound("escape", args, {});
  if (input.is_string() && input.string_data().markup) {
    return input;
  }
  const Value text = text_of(runtime, input);
  return runtime.string(escape_html(text.text()), true);
}

Value force_escape(Runtime& runtime, const Value& input, const Args& args) {
  const Bound bound("forceescape", args, {});
  const Value text = text_of(runtime, input);
  return runtime.string(escape_html(text.text()), true);
}

Value safe(Runtime& runtime, const Value& input, const Args& args) {
  const Bound bound("safe", args, {});
  const Value text = text_of(runtime, input);
  return runtime.string(text.text(), true);
}

void append_url_quoted(TextBuilder& out, std::string_view text, bool in_query) {
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("_.-~").find(c) != std::string_view::npos ||
                       (c == '/' && !in_query);
    if (plain) {
      out.append(c);
    } else if (c == ' ' && in_query) {
      out.append('+');
    } else {
      out.append('%');
      out.append("0123456789ABCDEF"[static_cast<uint8_t>(c) >> 4]);
      out.append("0123456789ABCDEF"[static_cast<uint8_t>(c) & 0xF]);
    }
  }
}

Value urlencode(Runtime& runtime, const Value& input, const Args& args) {
  const Bound bound("urlencode", args, {});
  TextBuilder out;
  if (input.is_string() || !is_iterable(input)) {
    const Value text = text_of(runtime, input);
    append_url_quoted(out, text.text(), false);
    return runtime.string(out.take());
  }
  std::string_view name = "items";
  const Value pairs = input.is(Kind::kDict) ? find_method(input, name)(runtime, input, {}) : input;
  bool first = true;
  for (const Value& pair : iterate(runtime, pairs)) {
    const std::vector<Value> two = iterate(runtime, pair);
    if (two.size() != 2) {
      fail_run("urlencode(): expected pairs");
    }
    out.append(first ? "" : "&");
    first = false;
    append_url_quoted(out, text_of(runtime, two[0]).text(), true);
    out.append('=');
    append_url_quoted(out, text_of(runtime, two[1]).text(), true);
  }
  return runtime.string(out.take());
}

constexpr Named<Filter> kFilters[] = {{"upper", upper},
                                      {"lower", lower},
                                      {"capitalize", capitalize_filter},
                                      {"title", title_filter},
                                      {"trim", trim},
                                      {"replace", replace},
                                      {"indent", indent},
                                      {"center", center},
                                      {"truncate", truncate},
                                      {"format", format_filter},
                                      {"wordcount", wordcount},
                                      {"escape", escape},
                                      {"e", escape},
                                      {"forceescape", force_escape},
                                      {"safe", safe},
                                      {"urlencode", urlencode}};

}  // namespace

std::span<const Named<Filter>> text_filters() { return kFilters; }

}  // namespace pio::text::jinja
