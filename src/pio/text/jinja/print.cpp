// SPDX-License-Identifier: Apache-2.0
#include "pio/text/jinja/print.h"

#include <array>
#include <charconv>
#include <cmath>

#include "pio/base/utf8.h"
#include "pio/text/jinja/unicode.h"

namespace pio::text::jinja {
namespace {

void append_hex(TextBuilder& out, uint32_t value, int digits) {
  for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) {
    out.append("0123456789abcdef"[(value >> shift) & 0xF]);
  }
}

void append_escape(TextBuilder& out, char32_t c) {
  out.append(c < 0x100 ? "\\x" : c < 0x10000 ? "\\u" : "\\U");
  append_hex(out, c, c < 0x100 ? 2 : c < 0x10000 ? 4 : 8);
}

void append_int(TextBuilder& out, int64_t value) {
  std::array<char, 24> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value);
  out.append(std::string_view(text.data(), static_cast<size_t>(end.ptr - text.data())));
}

void append_quoted_repr(TextBuilder& out, std::string_view text) {
  const bool has_single = text.find('\'') != std::string_view::npos;
  const bool has_double = text.find('"') != std::string_view::npos;
  const char quote = has_single && !has_double ? '"' : '\'';
  out.append(quote);
  for (size_t at = 0; at < text.size();) {
    const auto decoded = utf8::decode(text, at);
    const char32_t c = decoded.code_point;
    const std::string_view piece = text.substr(at, decoded.size);
    at += decoded.size;
    if (c == static_cast<char32_t>(quote) || c == '\\') {
      out.append('\\');
      out.append(piece);
    } else if (c == '\n') {
      out.append("\\n");
    } else if (c == '\r') {
      out.append("\\r");
    } else if (c == '\t') {
      out.append("\\t");
    } else if (c >= 0x20 && c < 0x7f) {
      out.append(piece);
    } else if (c >= 0x80 && is_printable(c)) {
      out.append(piece);
    } else {
      append_escape(out, c);
    }
  }
  out.append(quote);
}

void append_sequence(TextBuilder& out, const std::vector<Value>& items) {
  for (size_t i = 0; i < items.size(); ++i) {
    out.append(i == 0 ? "" : ", ");
    append_repr(out, items[i]);
  }
}

void append_dict(TextBuilder& out, const DictData& dict) {
  out.append('{');
  for (size_t i = 0; i < dict.items.size(); ++i) {
    out.append(i == 0 ? "" : ", ");
    append_repr(out, dict.items[i].first);
    out.append(": ");
    append_repr(out, dict.items[i].second);
  }
  out.append('}');
}

void append_view(TextBuilder& out, const Value& value) {
  const ViewData& view = value.view();
  out.append(type_name(value));
  out.append("([");
  bool first = true;
  for (const auto& [key, item] : view.dict.dict().items) {
    out.append(first ? "" : ", ");
    first = false;
    if (view.which == ViewData::Which::kItems) {
      out.append('(');
      append_repr(out, key);
      out.append(", ");
      append_repr(out, item);
      out.append(')');
    } else {
      append_repr(out, view.which == ViewData::Which::kKeys ? key : item);
    }
  }
  out.append("])");
}

void append_range(TextBuilder& out, const RangeData& range) {
  out.append("range(");
  append_int(out, range.start);
  out.append(", ");
  append_int(out, range.stop);
  if (range.step != 1) {
    out.append(", ");
    append_int(out, range.step);
  }
  out.append(')');
}

}  // namespace

std::string repr_real(double value) {
  if (std::isnan(value)) {
    return "nan";
  }
  if (std::isinf(value)) {
    return value < 0 ? "-inf" : "inf";
  }
  std::array<char, 32> text{};
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::scientific);
  const std::string_view whole(text.data(), static_cast<size_t>(end.ptr - text.data()));
  const size_t e = whole.find('e');
  int exponent = 0;
  const char* exponent_text = whole.data() + e + (whole[e + 1] == '+' ? 2 : 1);
  std::from_chars(exponent_text, whole.data() + whole.size(), exponent);
  if (exponent < -4 || exponent >= 16) {
    return std::string(whole);
  }
  std::array<char, 64> fixed{};
  const auto fixed_end =
      std::to_chars(fixed.data(), fixed.data() + fixed.size(), value, std::chars_format::fixed);
  std::string out(fixed.data(), static_cast<size_t>(fixed_end.ptr - fixed.data()));
  if (out.find('.') == std::string::npos) {
    out += ".0";
  }
  return out;
}

void append_str(TextBuilder& out, const Value& value) {
  if (value.is_string()) {
    out.append(value.text());
  } else if (!value.is_undefined()) {
    append_repr(out, value);
  }
}

void append_repr(TextBuilder& out, const Value& value) {
  switch (value.kind()) {
    case Kind::kUndefined:
      out.append("Undefined");
      break;
    case Kind::kNone:
      out.append("None");
      break;
    case Kind::kBool:
      out.append(value.as_int() != 0 ? "True" : "False");
      break;
    case Kind::kInt:
      append_int(out, value.as_int());
      break;
    case Kind::kFloat:
      out.append(repr_real(value.as_double()));
      break;
    case Kind::kString:
      out.append(value.string_data().markup ? "Markup(" : "");
      append_quoted_repr(out, value.text());
      out.append(value.string_data().markup ? ")" : "");
      break;
    case Kind::kList:
      out.append('[');
      append_sequence(out, value.items());
      out.append(']');
      break;
    case Kind::kTuple:
      out.append('(');
      append_sequence(out, value.items());
      out.append(value.items().size() == 1 ? ",)" : ")");
      break;
    case Kind::kDict:
      append_dict(out, value.dict());
      break;
    case Kind::kRange:
      append_range(out, value.range());
      break;
    case Kind::kView:
      append_view(out, value);
      break;
    case Kind::kIterator:
      out.append('<');
      out.append(value.iterator().type);
      out.append(" object>");
      break;
    case Kind::kObject:
      out.append(value.object().repr());
      break;
  }
}

std::string to_str(const Value& value) {
  if (value.is_string()) {
    return std::string(value.text());
  }
  TextBuilder out;
  append_str(out, value);
  return out.take();
}

std::string to_repr(const Value& value) {
  TextBuilder out;
  append_repr(out, value);
  return out.take();
}

std::string to_ascii(const Value& value) {
  const std::string text = to_repr(value);
  TextBuilder out;
  for (size_t at = 0; at < text.size();) {
    const auto decoded = utf8::decode(text, at);
    if (decoded.code_point < 0x80) {
      out.append(text[at]);
    } else {
      append_escape(out, decoded.code_point);
    }
    at += decoded.size;
  }
  return out.take();
}

Value soft_str(Runtime& runtime, const Value& value) {
  if (value.is_string()) {
    return value;
  }
  std::string text = to_str(value);
  runtime.budget.scan(text.size());
  return runtime.string(std::move(text));
}

}  // namespace pio::text::jinja
