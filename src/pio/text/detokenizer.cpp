// SPDX-License-Identifier: Apache-2.0
#include "pio/text/detokenizer.h"

#include "pio/base/utf8.h"

namespace pio::text {
namespace {

constexpr size_t kReservedBytes = 1024;  // tokens are far shorter; invalid bytes triple

}  // namespace

Detokenizer::Detokenizer(std::shared_ptr<const Tokenizer> tokenizer, bool skip_special)
    : tokenizer_(std::move(tokenizer)), skip_special_(skip_special) {
  pending_.reserve(kReservedBytes);
  out_.reserve(3 * kReservedBytes);
}

std::string_view Detokenizer::push(int32_t id) {
  out_.clear();
  if (skip_special_ && tokenizer_->is_special(id)) {
    return out_;
  }
  pending_ += tokenizer_->token_bytes(id);
  size_t at = 0;
  while (at < pending_.size()) {
    const auto decoded = utf8::decode(pending_, at);
    // Invalid only for being cut off by the end: more bytes may complete it.
    const auto lead = static_cast<unsigned char>(pending_[at]);
    if (!decoded.valid && at + decoded.size == pending_.size() && lead >= 0xC2 && lead <= 0xF4) {
      break;
    }
    utf8::append(out_, decoded.code_point);
    at += decoded.size;
  }
  pending_.erase(0, at);
  return out_;
}

std::string_view Detokenizer::finish() {
  out_.clear();
  if (!pending_.empty()) {
    utf8::append(out_, utf8::kReplacement);  // at most one cut-off character is ever pending
    pending_.clear();
  }
  return out_;
}

void Detokenizer::reset() noexcept {
  pending_.clear();
  out_.clear();
}

}  // namespace pio::text
