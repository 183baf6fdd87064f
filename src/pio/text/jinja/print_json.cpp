// SPDX-License-Identifier: Apache-2.0
// json.dumps() over template values, byte for byte as Python writes it.
#include <algorithm>
#include <cmath>

#include "pio/base/error.h"
#include "pio/base/utf8.h"
#include "pio/text/jinja/operators.h"
#include "pio/text/jinja/print.h"

namespace pio::text::jinja {
namespace {

class JsonWriter {
 public:
  JsonWriter(Runtime& runtime, TextBuilder& out, const JsonStyle& style)
      : runtime_(runtime), out_(out), style_(style) {}

  void write(const Value& value, int64_t level) {
    runtime_.budget.step();
    switch (value.kind()) {
      case Kind::kNone:
        out_.append("null");
        break;
      case Kind::kBool:
        out_.append(value.as_int() != 0 ? "true" : "false");
        break;
      case Kind::kInt:
        append_repr(out_, value);
        break;
      case Kind::kFloat:
        out_.append(real(value.as_double()));
        break;
      case Kind::kString:
        quoted(value.text());
        break;
      case Kind::kList:
      case Kind::kTuple:
        items(value.items(), level);
        break;
      case Kind::kDict:
        members(value.dict(), level);
        break;
      default:
        fail_run(concat("Object of type ", type_name(value), " is not JSON serializable"));
    }
  }

 private:
  static std::string real(double value) {
    if (std::isnan(value)) {
      return "NaN";
    }
    return std::isinf(value) ? (value < 0 ? "-Infinity" : "Infinity") : repr_real(value);
  }

  void newline(int64_t level) {
    if (style_.indent) {
      out_.append('\n');
      out_.repeat(*style_.indent, level);
    }
  }

  void items(const std::vector<Value>& values, int64_t level) {
    if (values.empty()) {
      out_.append("[]");
      return;
    }
    out_.append('[');
    for (size_t i = 0; i < values.size(); ++i) {
      out_.append(i == 0 ? "" : style_.item_separator);
      newline(level + 1);
      write(values[i], level + 1);
    }
    newline(level);
    out_.append(']');
  }

  void members(const DictData& dict, int64_t level) {
    if (dict.items.empty()) {
      out_.append("{}");
      return;
    }
    std::vector<const std::pair<Value, Value>*> order;
    order.reserve(dict.items.size());
    for (const auto& member : dict.items) {
      order.push_back(&member);
    }
    if (style_.sort_keys) {
      std::ranges::stable_sort(order, [this](const auto* a, const auto* b) {
        return less_than(runtime_, a->first, b->first);
      });
    }
    out_.append('{');
    for (size_t i = 0; i < order.size(); ++i) {
      out_.append(i == 0 ? "" : style_.item_separator);
      newline(level + 1);
      key(order[i]->first);
      out_.append(style_.key_separator);
      write(order[i]->second, level + 1);
    }
    newline(level);
    out_.append('}');
  }

  void key(const Value& name) {
    if (name.is_string()) {
      quoted(name.text());
      return;
    }
    if (!name.is_number() && !name.is_none()) {
      fail_run(concat("keys must be str, int, float, bool or None, not ", type_name(name)));
    }
    out_.append('"');
    write(name, 0);
    out_.append('"');
  }

  void quoted(std::string_view text) {
    runtime_.budget.scan(text.size());
    out_.append('"');
    for (size_t at = 0; at < text.size();) {
      const auto decoded = utf8::decode(text, at);
      character(decoded.code_point, text.substr(at, decoded.size));
      at += decoded.size;
    }
    out_.append('"');
  }

  void character(char32_t c, std::string_view bytes) {
    constexpr std::string_view kShort = "\"\\\n\r\t\f\b";
    constexpr std::string_view kLetter = "\"\\nrtfb";
    const size_t at = c < 0x80 ? kShort.find(static_cast<char>(c)) : std::string_view::npos;
    if (at != std::string_view::npos) {
      out_.append('\\');
      out_.append(kLetter[at]);
    } else if (c < 0x20 || (style_.ensure_ascii && c >= 0x7f)) {
      if (c >= 0x10000) {
        unit(0xD800 + ((c - 0x10000) >> 10));
        unit(0xDC00 + ((c - 0x10000) & 0x3FF));
      } else {
        unit(c);
      }
    } else {
      out_.append(bytes);
    }
  }

  void unit(char32_t c) {
    out_.append("\\u");
    for (int shift = 12; shift >= 0; shift -= 4) {
      out_.append("0123456789abcdef"[(c >> shift) & 0xF]);
    }
  }

  Runtime& runtime_;
  TextBuilder& out_;
  const JsonStyle& style_;
};

}  // namespace

void append_json(Runtime& runtime, TextBuilder& out, const Value& value, const JsonStyle& style) {
  JsonWriter(runtime, out, style).write(value, 0);
}

}  // namespace pio::text::jinja
