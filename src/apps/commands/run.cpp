// SPDX-License-Identifier: Apache-2.0
// run: one answer, streamed to stdout.
#include <cstdio>

#include "answer.h"
#include "generation_options.h"
#include "pio/plugin/load_causal.h"

namespace pio::apps {
namespace {

constexpr const char* kExamplePrompt = "What is the capital of France? Answer in one sentence.";

struct Run {
  ModelOptions model;
  GenerationOptions generation;
  std::string prompt;
  std::optional<std::string> ids;
  bool raw = false;
  bool json = false;
};

void set_prompt(const Run& o, const plugin::CausalLMPlugin& model, generation::Request& request) {
  const text::Tokenizer& tokenizer = tokenizer_of(model, "pass --ids");
  if (o.raw || model.text().chat_template == nullptr) {
    request.ids = tokenizer.encode(o.prompt);
  } else {
    set_conversation(request, model, *model.text().chat_template, {message("user", o.prompt)});
  }
}

double per_second(double count, double milliseconds) {
  return milliseconds > 0 ? count * 1000.0 / milliseconds : 0.0;
}

json::Value as_json(const generation::GenerationResult& result, double load_ms, uint64_t seed) {
  json::Array ids;
  for (const int32_t id : result.ids) {
    ids.emplace_back(int64_t{id});
  }
  const auto prompt = static_cast<double>(result.prompt_tokens);
  const double later = result.ids.empty() ? 0.0 : static_cast<double>(result.ids.size() - 1);
  json::Object timings = {{"load_ms", load_ms},
                          {"prompt_ms", result.prompt_ms},
                          {"prompt_tokens_per_s", per_second(prompt, result.prompt_ms)},
                          {"first_token_ms", result.first_token_ms},
                          {"completion_ms", result.completion_ms},
                          {"completion_tokens_per_s", per_second(later, result.completion_ms)}};
  return json::Object{{"text", result.text},
                      {"ids", std::move(ids)},
                      {"prompt_tokens", result.prompt_tokens},
                      {"completion_tokens", static_cast<int64_t>(result.ids.size())},
                      {"finish_reason", std::string(name(result.finish_reason))},
                      {"seed", seed},
                      {"timings", std::move(timings)}};
}

void print_speeds(const generation::GenerationResult& r) {
  const double later = r.ids.empty() ? 0.0 : static_cast<double>(r.ids.size() - 1);
  std::fprintf(stderr, "prompt %lld tok %.0f t/s | answer %zu tok %.1f t/s | first token %.2f s\n",
               static_cast<long long>(r.prompt_tokens),
               per_second(static_cast<double>(r.prompt_tokens), r.prompt_ms), r.ids.size(),
               per_second(later, r.completion_ms), r.first_token_ms / 1000.0);
}

// The answer of a model without a tokenizer.
void print_ids(const std::vector<int32_t>& ids) {
  std::string text;
  for (const int32_t id : ids) {
    text += concat(text.empty() ? "" : ",", id);
  }
  print_note("note", "this checkpoint has no tokenizer, so there is no text: these are the ids");
  print(text);
}

int run(const Run& o) {
  // Before the model is loaded.
  const auto ids = o.ids ? std::optional(parse_prompt_ids(*o.ids)) : std::nullopt;
  o.generation.check();
  const auto start = generation::Clock::now();
  const auto loaded = load_answering(o.model);
  auto* model = plugin::loaded_causal(*loaded);  // null: a loop of its own is all there is
  const std::chrono::duration<double, std::milli> load_time = generation::Clock::now() - start;

  if (model != nullptr && !o.generation.stop.empty()) {
    static_cast<void>(tokenizer_of(*model, "--stop needs one"));
  }
  generation::Request request =
      o.generation.request(model != nullptr ? model->text().sampling : generation::SamplingParams{});
  const uint64_t seed = request.sampling.seed;
  if (ids) {
    request.ids = *ids;
  } else {
    request.prompt = o.prompt;
    if (model != nullptr) {
      set_prompt(o, *model, request);
    }
  }
  const auto result = answer(*loaded, std::move(request), !o.json);
  if (o.json) {
    throw_if_interrupted();  // half an answer is no JSON
    print(as_json(result, load_time.count(), seed).dump() + "\n");
    return kExitOk;
  }
  if (model != nullptr && model->text().tokenizer == nullptr) {
    print_ids(result.ids);
  }
  if (!result.ids.empty() || !result.text.empty()) {
    print("\n");
  }
  throw_if_interrupted();
  if (model != nullptr) {
    note_full_context(*model, result);
  }
  print_speeds(result);
  return kExitOk;
}

}  // namespace

void add_run(Options& options) {
  options.description("Answers one prompt");
  const auto o = std::make_shared<Run>();
  o->model.model = kDefaultCheckpoint;
  o->prompt = kExamplePrompt;
  o->model.add_to(options, false);
  const auto prompt = options.add("PROMPT", o->prompt, "The prompt; an example without it");
  o->generation.add_to(options);
  const auto ids = options.add("--ids", o->ids, "The prompt as token ids, taken as they are");
  ids.excludes(prompt);
  options.add_flag("--raw", o->raw, "No chat template").excludes(ids);
  options.add_flag("--json", o->json, "Text, ids and timings as JSON");
  options.action([o] { return run(*o); });
}

}  // namespace pio::apps
