// SPDX-License-Identifier: Apache-2.0
// str.format() and format specifications. Fields reach only what templates can reach themselves.
#include <algorithm>

#include "pio/base/error.h"
#include "pio/base/utf8.h"
#include "pio/text/jinja/format.h"
#include "pio/text/jinja/operators.h"
#include "pio/text/jinja/print.h"
#include "pio/text/jinja/pystring.h"

namespace pio::text::jinja {
namespace {

bool is_align(char c) { return c == '<' || c == '>' || c == '=' || c == '^'; }

int64_t take_number(std::string_view& text) {
  int64_t value = -1;
  while (!text.empty() && text[0] >= '0' && text[0] <= '9') {
    value = std::min<int64_t>(std::max<int64_t>(value, 0) * 10 + (text[0] - '0'), int64_t{1} << 40);
    text.remove_prefix(1);
  }
  return value;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) {
    return false;
  }
  text.remove_prefix(1);
  return true;
}

FormatSpec parse_spec(std::string_view text) {
  FormatSpec spec;
  const size_t first = byte_offset(text, 1);
  const bool has_fill = first < text.size() && is_align(text[first]);
  if (has_fill) {
    spec.fill = text.substr(0, first);
    spec.align = text[first];
    text.remove_prefix(first + 1);
  } else if (!text.empty() && is_align(text[0])) {
    spec.align = text[0];
    text.remove_prefix(1);
  }
  if (!text.empty() && (text[0] == '+' || text[0] == '-' || text[0] == ' ')) {
    spec.sign = text[0];
    text.remove_prefix(1);
  }
  spec.alternate = take(text, '#');
  spec.zero = take(text, '0');
  spec.fill = spec.zero && !has_fill ? "0" : spec.fill;
  spec.width = std::max<int64_t>(take_number(text), 0);
  if (!text.empty() && (text[0] == ',' || text[0] == '_')) {
    spec.grouping = text[0];
    text.remove_prefix(1);
  }
  if (take(text, '.')) {
    spec.precision = take_number(text);
    if (spec.precision < 0) {
      fail_run("Format specifier missing precision");
    }
  }
  if (text.size() > 1) {
    fail_run("Invalid format specifier");
  }
  spec.type = text.empty() ? '\0' : text[0];
  return spec;
}

std::string format_string(const Value& value, FormatSpec spec) {
  if ((spec.type != 0 && spec.type != 's') || spec.align == '=' || spec.sign != '-' ||
      spec.alternate || spec.grouping != 0) {
    fail_run("invalid format specification for a string");
  }
  return pad_text(value.text(), spec, '<');
}

std::string format_number(const Value& value, FormatSpec spec) {
  constexpr std::string_view kInteger = "dbxXon";
  constexpr std::string_view kReal = "eEfFgG%n";
  const bool integral = value.is_integral();
  if (integral && (spec.type == 0 || kInteger.find(spec.type) != std::string_view::npos)) {
    if (spec.precision >= 0) {
      fail_run("Precision not allowed in integer format specifier");
    }
    return pad_number(integer_text(value.as_int(), spec), spec);
  }
  if (integral && spec.type == 'c') {
    std::string text;
    utf8::append(text, static_cast<char32_t>(std::clamp<int64_t>(value.as_int(), 0, 0x110000)));
    return pad_text(text, spec, '<');
  }
  if (spec.type != 0 && kReal.find(spec.type) == std::string_view::npos) {
    fail_run(concat("Unknown format code '", escaped(std::string(1, spec.type)),
                    "' for object of type '", type_name(value), "'"));
  }
  return pad_number(real_text(value.as_double(), spec), spec);
}

class BraceFormatter {
 public:
  BraceFormatter(Runtime& runtime, const Args& args, bool markup)
      : runtime_(runtime), args_(args), markup_(markup) {}

  std::string run(std::string_view text, int nesting) {
    if (nesting > 2) {
      fail_run("Max string recursion exceeded");
    }
    TextBuilder out;
    for (size_t at = 0; at < text.size();) {
      const size_t mark = std::min(text.find_first_of("{}", at), text.size());
      out.append(text.substr(at, mark - at));
      at = mark;
      if (at == text.size()) {
        break;
      }
      if (at + 1 < text.size() && text[at + 1] == text[at]) {
        out.append(text[at]);
        at += 2;
      } else if (text[at] == '}') {
        fail_run("Single '}' encountered in format string");
      } else {
        const size_t end = field_end(text, at);
        const std::string piece = field(text.substr(at + 1, end - at - 1), nesting);
        runtime_.budget.scan(piece.size() + 16);
        out.append(piece);
        at = end + 1;
      }
    }
    return out.take();
  }

 private:
  static size_t field_end(std::string_view text, size_t at) {
    int depth = 0;
    bool bracket = false;
    for (size_t i = at; i < text.size(); ++i) {
      const char c = text[i];
      bracket = c == '[' ? true : c == ']' ? false : bracket;
      depth += c == '{' && !bracket ? 1 : c == '}' && !bracket ? -1 : 0;
      if (depth == 0) {
        return i;
      }
    }
    fail_run("expected '}' before end of string");
  }

  std::string field(std::string_view text, int nesting) {
    size_t name_end = 0;
    for (bool bracket = false; name_end < text.size(); ++name_end) {
      const char c = text[name_end];
      bracket = c == '[' ? true : c == ']' ? false : bracket;
      if (!bracket && (c == '!' || c == ':')) {
        break;
      }
    }
    const std::string_view name = text.substr(0, name_end);
    std::string_view rest = text.substr(name_end);
    char conversion = 0;
    if (take(rest, '!')) {
      if (rest.empty() || (rest.size() > 1 && rest[1] != ':')) {
        fail_run("expected ':' after conversion specifier");
      }
      conversion = rest[0];
      rest.remove_prefix(1);
    }
    Value value = lookup(name);
    const std::string spec = take(rest, ':') ? run(rest, nesting + 1) : std::string();
    if (conversion != 0) {
      value = convert(value, conversion);
    }
    std::string out = format_value(value, spec);
    const bool safe = value.is_string() && value.string_data().markup;
    return markup_ && nesting == 0 && !safe ? escape_html(out) : out;
  }

  Value convert(const Value& value, char conversion) {
    switch (conversion) {
      case 's':
        return runtime_.string(to_str(value));
      case 'r':
        return runtime_.string(to_repr(value));
      case 'a':
        return runtime_.string(to_ascii(value));
      default:
        fail_run("Unknown conversion specifier");
    }
  }

  Value first_value(std::string_view name) {
    const bool digits = std::ranges::all_of(name, [](char c) { return c >= '0' && c <= '9'; });
    if (name.empty() || digits) {
      const int mode = name.empty() ? 1 : 2;
      if (mode_ != 0 && mode_ != mode) {
        fail_run("cannot switch between manual field specification and automatic field numbering");
      }
      mode_ = mode;
      std::string_view text = name;
      const auto index = static_cast<size_t>(name.empty() ? next_++ : take_number(text));
      if (index >= args_.positional.size()) {
        fail_run("Replacement index out of range for positional args tuple");
      }
      return args_.positional[index];
    }
    for (const auto& [key, value] : args_.named) {
      if (key == name) {
        return value;
      }
    }
    fail_run(concat("KeyError: '", escaped(name, 80), "'"));
  }

  Value lookup(std::string_view name) {
    const size_t first = std::min(name.find_first_of(".["), name.size());
    Value value = first_value(name.substr(0, first));
    name.remove_prefix(first);
    while (!name.empty()) {
      const bool attribute = name[0] == '.';
      const size_t end =
          attribute ? std::min(name.find_first_of(".[", 1), name.size()) : name.find(']');
      if (end == std::string_view::npos || end == 1 || (!attribute && name[0] != '[')) {
        fail_run("malformed field name in format string");
      }
      const std::string_view key = name.substr(1, end - 1);
      std::string_view digits = key;
      const int64_t index = take_number(digits);
      value = attribute        ? get_attribute(runtime_, value, key)
              : digits.empty() ? get_item(runtime_, value, Value::integer(index))
                               : get_item(runtime_, value, runtime_.string(key));
      name.remove_prefix(attribute ? end : end + 1);
    }
    return value;
  }

  Runtime& runtime_;
  const Args& args_;
  bool markup_;
  int64_t next_ = 0;
  int mode_ = 0;  // 1: automatic numbering, 2: manual
};

}  // namespace

std::string format_value(const Value& value, std::string_view spec) {
  if (spec.empty()) {
    return to_str(value);
  }
  if (value.is_string()) {
    return format_string(value, parse_spec(spec));
  }
  if (value.is_number()) {
    return format_number(value, parse_spec(spec));
  }
  fail_run(concat("unsupported format string passed to ", type_name(value), ".__format__"));
}

Value format_braces(Runtime& runtime, const Value& text, const Args& args) {
  const bool markup = text.string_data().markup;
  return runtime.string(BraceFormatter(runtime, args, markup).run(text.text(), 0), markup);
}

}  // namespace pio::text::jinja
