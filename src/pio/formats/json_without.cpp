// SPDX-License-Identifier: Apache-2.0
#include "pio/formats/json_without.h"

#include "pio/base/json.h"

namespace pio::formats {
namespace {

class Copier final : public json::Handler {
 public:
  explicit Copier(std::string_view dropped) : dropped_(dropped) {}

  std::string take() { return std::move(out_); }

  void null() override { value("null"); }
  void boolean(bool held) override { value(held ? "true" : "false"); }
  void integer(int64_t held) override { value(std::to_string(held)); }
  void unsigned_integer(uint64_t held) override { value(std::to_string(held)); }
  void real(double held) override { value(json::Value(held).dump()); }
  void string(std::string_view held) override {
    if (!dropping_) {
      comma();
      json::append_quoted(out_, held);
    }
    done();
  }
  void begin_object() override { open('{'); }
  void end_object() override { close('}'); }
  void begin_array() override { open('['); }
  void end_array() override { close(']'); }

  void key(std::string_view name) override {
    dropping_ = dropping_ || (depth_ == 1 && name == dropped_);
    if (!dropping_) {
      comma();
      json::append_quoted(out_, name);
      out_ += ':';
      needs_comma_ = false;
    }
  }

 private:
  void comma() {
    if (needs_comma_) {
      out_ += ',';
    }
    needs_comma_ = true;
  }
  void value(std::string_view text) {
    if (!dropping_) {
      comma();
      out_ += text;
    }
    done();
  }
  void open(char bracket) {
    if (!dropping_) {
      comma();
      out_ += bracket;
      needs_comma_ = false;
    }
    ++depth_;
  }
  void close(char bracket) {
    --depth_;
    if (!dropping_) {
      out_ += bracket;
      needs_comma_ = true;
    }
    done();
  }
  // A value of the outermost object has ended: dropping ends with it.
  void done() { dropping_ = dropping_ && depth_ != 1; }

  std::string_view dropped_;
  std::string out_;
  int depth_ = 0;
  bool needs_comma_ = false;
  bool dropping_ = false;
};

}  // namespace

std::string json_without(std::string_view text, std::string_view key, std::string_view source) {
  Copier copier(key);
  json::parse(text, source, copier);
  return copier.take();
}

}  // namespace pio::formats
