// SPDX-License-Identifier: Apache-2.0
// perplexity: how well the model predicts a text, and how far its logits are from saved ones.
#include <cmath>
#include <cstring>

#include "../command.h"
#include "pio/base/error.h"
#include "pio/base/mmap_file.h"
#include "pio/formats/safetensors.h"
#include "pio/formats/safetensors_writer.h"

namespace pio::apps {
namespace {

struct Perplexity {
  ModelOptions model;
  std::string file, ids, save_logits, kl;
  bool json = false;
};

// log(sum(exp(logits))).
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

size_t top(std::span<const float> logits) {
  return static_cast<size_t>(std::max_element(logits.begin(), logits.end()) - logits.begin());
}

// Divergence of our distribution from a saved one.
class Divergence {
 public:
  Divergence(const std::string& path, int64_t context, int64_t vocab) : file_(path), context_(context) {
    const formats::TensorInfo& info = file_.require("logits");
    const bool fits = info.type == quant::QuantType::kF32 && info.shape.size() == 3 &&
                      info.shape[1] == context && info.shape[2] == vocab;
    PIO_CHECK(fits, path, ": logits are ", formats::shape_text(info.shape), ", expected [windows, ", context,
              ", ", vocab, "] F32");
    windows_ = info.shape[0];
    bytes_ = info.bytes;
    reference_.resize(static_cast<size_t>(vocab));
  }

  void add(int64_t window, int64_t position, std::span<const float> logits, double log_sum) {
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

  void add_to(json::Object& out) const {
    const auto count = static_cast<double>(std::max<int64_t>(count_, 1));
    out.emplace_back("kl_mean", sum_ / count);
    out.emplace_back("kl_max", max_);
    out.emplace_back("same_top", static_cast<double>(same_) / count);
    out.emplace_back("kl_tokens", count_);
  }

 private:
  formats::SafetensorsFile file_;
  int64_t context_;
  int64_t windows_ = 0;
  std::span<const std::byte> bytes_;
  std::vector<float> reference_;
  double sum_ = 0;
  double max_ = 0;
  int64_t same_ = 0;
  int64_t count_ = 0;
};

int perplexity(Perplexity o) {
  const int64_t context = o.model.context > 0 ? o.model.context : 512;
  if (context < 2) {
    throw CLI::ValidationError("--ctx", "1: a window needs at least 2 tokens");
  }
  o.model.context = context;
  const auto model = load_model(o.model, o.model.load_options());
  PIO_CHECK(model->text().tokenizer != nullptr, "this checkpoint has no tokenizer");
  const text::Tokenizer& tokenizer = *model->text().tokenizer;
  const MmapFile file(o.file);
  const auto ids = tokenizer.encode(
      {reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()},
      {.add_special = false, .parse_special = true});
  const auto opening = tokenizer.encode("");
  const bool bos = !opening.empty() && tokenizer.bos_id() == opening.front();
  const int64_t step = context - (bos ? 1 : 0);
  const int64_t windows = static_cast<int64_t>(ids.size()) / step;
  PIO_CHECK(windows > 0, o.file, ": ", ids.size(), " tokens, less than one window of ", context);

  const int64_t vocab = model->runner().vocab();
  std::optional<Divergence> divergence;
  if (!o.kl.empty()) {
    divergence.emplace(o.kl, context, vocab);
  }
  std::vector<float> saved;
  double loss = 0;
  int64_t scored = 0;
  for (int64_t w = 0; w < windows && !is_interrupted(); ++w) {
    std::vector<int32_t> window(ids.begin() + w * step, ids.begin() + (w + 1) * step);
    if (bos) {
      window.insert(window.begin(), *tokenizer.bos_id());
    }
    auto session = model->session();
    session.score(window, [&](int64_t position, std::span<const float> logits) {
      if (!o.save_logits.empty()) {
        saved.insert(saved.end(), logits.begin(), logits.end());
      }
      if (position + 1 == context) {
        return;
      }
      const double sum = log_sum_exp(logits);
      const auto target = static_cast<size_t>(window[static_cast<size_t>(position) + 1]);
      loss += sum - static_cast<double>(logits[target]);
      ++scored;
      if (divergence) {
        divergence->add(w, position, logits, sum);
      }
    });
  }
  if (!o.save_logits.empty()) {
    formats::write_safetensors(o.save_logits, {{.name = "logits",
                                                .dtype = "F32",
                                                .shape = {windows, context, vocab},
                                                .bytes = std::as_bytes(std::span(saved))}});
  }
  json::Object out = {{"perplexity", std::exp(loss / static_cast<double>(scored))},
                      {"tokens", scored},
                      {"windows", windows}};
  if (divergence) {
    divergence->add_to(out);
  }
  print(json::Value(std::move(out)).dump(o.json ? 0 : 2) + "\n");
  return kExitOk;
}

}  // namespace

void add_perplexity(CLI::App& app, std::function<int()>& action) {
  app.description("Perplexity over a text, in windows of --ctx tokens (512)");
  const auto o = std::make_shared<Perplexity>();
  o->model.add_to(app);
  app.add_option("--file", o->file, "The text")->required();
  app.add_option("--save-logits", o->save_logits, "Write all logits: [windows, ctx, vocab]");
  app.add_option("--kl", o->kl, "Compare with logits that --save-logits wrote");
  app.add_flag("--json", o->json, "As one line of JSON");
  app.callback([o, &action] { action = [o] { return perplexity(*o); }; });
}

}  // namespace pio::apps
