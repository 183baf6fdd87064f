// SPDX-License-Identifier: Apache-2.0
// perplexity: how well the model predicts a text, and how far its logits are from saved ones.
#include <cmath>

#include "../command.h"
#include "../input_text.h"
#include "divergence.h"
#include "pio/base/error.h"
#include "pio/formats/safetensors_writer.h"
#include "pio/plugin/model_plugin.h"

namespace pio::apps {
namespace {

struct Perplexity {
  ModelOptions model;
  std::string file, save_logits, kl;
  bool json = false;
};

// The text's ids in windows of `context`, each begun with BOS where the tokenizer adds one: [windows, context].
std::vector<int32_t> windows_of(const std::string& path, const text::Tokenizer& tokenizer, int64_t context) {
  const auto ids =
      tokenizer.encode(InputText(path).view(), {.add_special = false, .parse_special = true});
  const auto opening = tokenizer.encode("");
  const bool bos = !opening.empty() && tokenizer.bos_id() == opening.front();
  const int64_t step = context - (bos ? 1 : 0);
  const int64_t windows = static_cast<int64_t>(ids.size()) / step;
  PIO_CHECK(windows > 0, path, ": ", ids.size(), " tokens, less than one window of ", context);
  std::vector<int32_t> out;
  for (int64_t w = 0; w < windows; ++w) {
    if (bos) {
      out.push_back(*tokenizer.bos_id());
    }
    out.insert(out.end(), ids.begin() + w * step, ids.begin() + (w + 1) * step);
  }
  return out;
}

int perplexity(Perplexity o) {
  const int64_t context = o.model.context > 0 ? o.model.context : 512;
  if (context < 2) {
    throw UsageError("--ctx", "1: a window needs at least 2 tokens");
  }
  o.model.context = context;
  const auto model = load_model(o.model, o.model.load_options());
  if (model->text().tokenizer == nullptr) {
    throw ModelError(Error(ErrorCode::kUnsupported, concat(o.model.model, ": has no tokenizer")));
  }
  const auto ids = windows_of(o.file, *model->text().tokenizer, context);
  const int64_t windows = static_cast<int64_t>(ids.size()) / context;
  const int64_t vocab = model->runner().vocab();
  std::optional<Divergence> divergence;
  if (!o.kl.empty()) {
    divergence.emplace(o.kl, ids, context, vocab);
  }
  std::optional<formats::SafetensorsWriter> saved;
  if (!o.save_logits.empty()) {
    saved.emplace(o.save_logits,
                  std::vector{formats::NewTensorInfo{"logits", "F32", {windows, context, vocab}}},
                  formats::SafetensorsMetadata{{kWindowsHashKey, windows_hash(ids)}});
  }
  double loss = 0;
  int64_t scored = 0;
  for (int64_t w = 0; w < windows; ++w) {
    const auto window = std::span(ids).subspan(static_cast<size_t>(w * context), static_cast<size_t>(context));
    auto session = model->session();
    session.score(window, [&](int64_t position, std::span<const float> logits) {
      if (saved) {
        saved->append(std::as_bytes(logits));
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
    throw_if_interrupted();  // numbers of a part of the text would pass for those of all
  }
  if (saved) {
    saved->commit();
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

void add_perplexity(Options& options) {
  options.description("Perplexity over a text, in windows of --ctx tokens (512)");
  const auto o = std::make_shared<Perplexity>();
  o->model.add_to(options);
  options.add("--file", o->file, "The text; - is standard input").required().not_empty();
  options.add("--save-logits", o->save_logits, "Write all logits: [windows, ctx, vocab]")
      .not_empty();
  options.add("--kl", o->kl, "Compare with logits of the same text that --save-logits wrote")
      .not_empty();
  options.add_flag("--json", o->json, "As one line of JSON");
  options.action([o] { return perplexity(*o); });
}

}  // namespace pio::apps
