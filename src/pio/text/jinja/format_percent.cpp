// SPDX-License-Identifier: Apache-2.0
// The % operator on strings.
#include <algorithm>
#include <cmath>

#include "pio/base/error.h"
#include "pio/base/utf8.h"
#include "pio/text/jinja/format.h"
#include "pio/text/jinja/operators.h"
#include "pio/text/jinja/print.h"
#include "pio/text/jinja/pystring.h"

namespace pio::text::jinja {
namespace {

class PercentFormatter {
 public:
  PercentFormatter(Runtime& runtime, const Value& text, const Value& values)
      : runtime_(runtime),
        text_(text.text()),
        markup_(text.string_data().markup),
        values_(values) {}

  std::string run() {
    while (at_ < text_.size()) {
      const size_t mark = std::min(text_.find('%', at_), text_.size());
      out_.append(text_.substr(at_, mark - at_));
      at_ = mark;
      if (at_ < text_.size()) {
        ++at_;
        directive();
      }
    }
    const bool all_used =
        !values_.is(Kind::kTuple) ? used_ || is_mapping() : next_ == values_.items().size();
    if (!all_used) {
      fail_run("not all arguments converted during string formatting");
    }
    return out_.take();
  }

 private:
  // Any subscriptable value that is no tuple or string counts as a mapping here.
  [[nodiscard]] bool is_mapping() const {
    return values_.is(Kind::kDict) || values_.is(Kind::kList) || values_.is(Kind::kRange) ||
           values_.is_undefined();
  }

  char peek() {
    if (at_ >= text_.size()) {
      fail_run("incomplete format");
    }
    return text_[at_];
  }

  Value argument() {
    if (keyed_) {
      return *keyed_;
    }
    if (values_.is(Kind::kTuple)) {
      if (next_ >= values_.items().size()) {
        fail_run("not enough arguments for format string");
      }
      return values_.items()[next_++];
    }
    if (used_) {
      fail_run("not enough arguments for format string");
    }
    used_ = true;
    return values_;
  }

  void key() {
    if (peek() != '(') {
      return;
    }
    const size_t end = text_.find(')', at_);
    if (end == std::string_view::npos) {
      fail_run("incomplete format key");
    }
    if (!values_.is(Kind::kDict)) {
      fail_run("format requires a mapping");
    }
    const std::string_view name = text_.substr(at_ + 1, end - at_ - 1);
    const Value* found = values_.dict().find(name);
    if (found == nullptr) {
      fail_run(concat("KeyError: '", escaped(name, 80), "'"));
    }
    keyed_ = *found;
    at_ = end + 1;
  }

  int64_t number() {
    if (peek() == '*') {
      ++at_;
      const Value value = argument();
      if (!value.is_integral()) {
        fail_run("* wants int");
      }
      return value.as_int();
    }
    int64_t value = 0;
    while (peek() >= '0' && peek() <= '9') {
      value = std::min<int64_t>(value * 10 + (peek() - '0'), int64_t{1} << 40);
      ++at_;
    }
    return value;
  }

  void directive() {
    keyed_.reset();
    FormatSpec spec;
    key();
    for (;; ++at_) {
      const char c = peek();
      if (c == '-') {
        spec.align = '<';
      } else if (c == '+' || (c == ' ' && spec.sign != '+')) {
        spec.sign = c;
      } else if (c == '#') {
        spec.alternate = true;
      } else if (c == '0') {
        spec.zero = true;
      } else if (c != ' ') {
        break;
      }
    }
    spec.width = number();
    if (spec.width < 0) {
      spec.align = '<';
      spec.width = spec.width < -int64_t{1} << 40 ? int64_t{1} << 40 : -spec.width;
    }
    if (peek() == '.') {
      ++at_;
      spec.precision = std::max<int64_t>(number(), 0);
    }
    while (peek() == 'h' || peek() == 'l' || peek() == 'L') {
      ++at_;
    }
    spec.type = peek();
    ++at_;
    convert(spec);
  }

  void convert(FormatSpec& spec) {
    constexpr std::string_view kTypes = "sradiuxXoeEfFgGc%";
    if (spec.type == '%') {
      out_.append('%');
      return;
    }
    if (kTypes.find(spec.type) == std::string_view::npos) {
      fail_run(concat("unsupported format character '", escaped(std::string(1, spec.type)), "'"));
    }
    const Value value = argument();
    std::string text;
    switch (spec.type) {
      case 's':
        text = textual(to_str(value), value, spec);
        break;
      case 'r':
        text = textual(to_repr(value), Value(), spec);
        break;
      case 'a':
        text = textual(to_ascii(value), Value(), spec);
        break;
      case 'c':
        text = textual(character(value), Value(), spec);
        break;
      case 'd':
      case 'i':
      case 'u':
      case 'x':
      case 'X':
      case 'o':
        text = integer(value, spec);
        break;
      default:
        if (!value.is_number()) {
          fail_run(concat("must be real number, not ", type_name(value)));
        }
        text = pad_number(real_text(value.as_double(), spec), spec);
    }
    runtime_.budget.scan(text.size());
    out_.append(text);
  }

  std::string textual(std::string text, const Value& value, const FormatSpec& spec) const {
    if (markup_ && !(value.is_string() && value.string_data().markup)) {
      text = escape_html(text);
    }
    return pad_text(text, spec, '>');
  }

  static std::string character(const Value& value) {
    std::string out;
    if (value.is_string() && value.string_data().length == 1) {
      return std::string(value.text());
    }
    if (!value.is_integral() || value.as_int() < 0 || value.as_int() > 0x10FFFF) {
      fail_run("%c requires int or char");
    }
    utf8::append(out, static_cast<char32_t>(value.as_int()));
    return out;
  }

  static std::string integer(const Value& value, FormatSpec& spec) {
    const bool decimal = spec.type == 'd' || spec.type == 'i' || spec.type == 'u';
    if (!value.is_integral() && !(decimal && value.is(Kind::kFloat))) {
      fail_run(concat("%", std::string(1, spec.type), " format: a number is required, not ",
                      type_name(value)));
    }
    NumberText number =
        integer_text(value.is_integral() ? value.as_int() : real_to_int(value.as_double()), spec);
    const auto digits = static_cast<int64_t>(number.digits.size());
    if (spec.precision > digits) {
      TextBuilder zeros;
      zeros.repeat("0", spec.precision - digits);
      number.digits.insert(0, zeros.view());
    }
    return pad_number(number, spec);
  }

  Runtime& runtime_;
  std::string_view text_;
  bool markup_;
  const Value& values_;
  TextBuilder out_;
  std::optional<Value> keyed_;
  size_t at_ = 0;
  size_t next_ = 0;
  bool used_ = false;
};

}  // namespace

Value format_percent(Runtime& runtime, const Value& text, const Value& values) {
  return runtime.string(PercentFormatter(runtime, text, values).run(), text.string_data().markup);
}

}  // namespace pio::text::jinja
