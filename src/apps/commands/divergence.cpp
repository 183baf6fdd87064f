// SPDX-License-Identifier: Apache-2.0
#include "divergence.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "pio/base/error.h"
#include "pio/base/fnv1a.h"
#include "pio/base/log.h"

namespace pio::apps {
namespace {

size_t top(std::span<const float> logits) {
  return static_cast<size_t>(std::max_element(logits.begin(), logits.end()) - logits.begin());
}

}  // namespace

std::string windows_hash(std::span<const int32_t> ids) {
  const uint64_t hash = fnv1a({reinterpret_cast<const char*>(ids.data()), ids.size_bytes()});
  std::string out;
  for (int shift = 60; shift >= 0; shift -= 4) {
    out += "0123456789abcdef"[(hash >> shift) & 15];
  }
  return out;
}

double log_sum_exp(std::span<const float> logits) {
  float max = logits[0];
  for (const float value : logits) {
    max = std::max(max, value);
  }
  double sum = 0;
  for (const float value : logits) {
    sum += std::exp(static_cast<double>(value - max));
  }
  return static_cast<double>(max) + std::log(sum);
}

Divergence::Divergence(const std::string& path, std::span<const int32_t> ids, int64_t context,
                       int64_t vocab)
    : file_(path), context_(context) {
  const formats::TensorInfo& info = file_.require("logits");
  const bool fits = info.type == quant::QuantType::kF32 && info.shape.size() == 3 &&
                    info.shape[1] == context && info.shape[2] == vocab;
  PIO_CHECK(fits, path, ": logits are ", quant::traits(info.type).name, " ",
            formats::shape_text(info.shape), ", expected F32 [windows, ", context, ", ", vocab,
            "]");
  windows_ = info.shape[0];
  const int64_t ours = static_cast<int64_t>(ids.size()) / context;
  const auto& metadata = file_.metadata();
  const auto hash =
      std::ranges::find(metadata, kWindowsHashKey, &std::pair<std::string, std::string>::first);
  if (hash != metadata.end()) {
    PIO_CHECK(windows_ == ours, path, ": has logits of ", windows_, " windows, the text has ",
              ours);
    PIO_CHECK(hash->second == windows_hash(ids), path,
              ": has logits of another text or another tokenizer");
  } else {
    PIO_CHECK(windows_ > 0 && windows_ <= ours, path, ": has logits of ", windows_,
              " windows, the text has ", ours);
    log::write(
        log::Level::kWarning,
        concat(path, ": does not say of which text it is; taken as this one's, windows 1 to ",
               windows_, " of ", ours));
  }
  bytes_ = info.bytes;
  reference_.resize(static_cast<size_t>(vocab));
}

void Divergence::add(int64_t window, int64_t position, std::span<const float> logits,
                     double log_sum) {
  if (window >= windows_) {
    return;
  }
  const size_t row = static_cast<size_t>(window * context_ + position) * logits.size_bytes();
  std::memcpy(reference_.data(), bytes_.data() + row, logits.size_bytes());
  const double reference_sum = log_sum_exp(reference_);
  double kl = 0;
  for (size_t i = 0; i < logits.size(); ++i) {
    const double p = static_cast<double>(reference_[i]) - reference_sum;
    kl += std::exp(p) * (p - (static_cast<double>(logits[i]) - log_sum));
  }
  sum_ += kl;
  max_ = std::max(max_, kl);
  same_ += top(reference_) == top(logits) ? 1 : 0;
  ++count_;
}

void Divergence::add_to(json::Object& out) const {
  const auto count = static_cast<double>(std::max<int64_t>(count_, 1));
  out.emplace_back("kl_mean", sum_ / count);
  out.emplace_back("kl_max", max_);
  out.emplace_back("same_top", static_cast<double>(same_) / count);
  out.emplace_back("kl_tokens", count_);
}

}  // namespace pio::apps
