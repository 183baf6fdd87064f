// SPDX-License-Identifier: Apache-2.0
// bench: prompt and generation speed, through the same loop as run.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <random>

#include "../command.h"
#include "pio/base/error.h"

namespace pio::apps {
namespace {

struct Bench {
  ModelOptions model;
  int64_t prompt = 512;
  int64_t tokens = 128;
  int64_t depth = 0;
  int64_t parallel = 1;
  int64_t repetitions = 5;
  bool json = false;
};

class Bencher {
 public:
  Bencher(plugin::CausalLMPlugin& model, const Bench& options) : model_(model), o_(options) {}

  // Tokens per second of every kept repetition; the first is dropped.
  std::vector<double> run(bool prompt) {
    std::vector<double> out;
    for (int64_t r = 0; r <= o_.repetitions && !is_interrupted(); ++r) {
      const double rate = prompt ? once(o_.depth + o_.prompt, 1) : once(o_.depth + 1, o_.tokens + 1);
      if (r > 0) {
        out.push_back(rate);
      }
    }
    return out;
  }

 private:
  // Prompts are timed from their first step to their token, answers from their first token to their last. With a
  // depth, the first depth tokens of a prompt are computed too and the whole is timed.
  double once(int64_t prompt_tokens, int64_t answer_tokens) {
    std::uniform_int_distribution<int32_t> id(0, static_cast<int32_t>(model_.runner().vocab()) - 1);
    std::vector<std::shared_ptr<generation::Sequence>> sequences;
    for (int64_t s = 0; s < o_.parallel; ++s) {
      generation::Request request;
      request.ids.resize(static_cast<size_t>(prompt_tokens));
      std::ranges::generate(request.ids, [&] { return id(random_); });
      request.max_tokens = answer_tokens;
      request.ignore_eos = true;
      sequences.push_back(model_.generator().submit(std::move(request)));
    }
    while (model_.generator().step()) {
    }
    double milliseconds = 0;
    double count = 0;
    for (const auto& sequence : sequences) {
      const auto result = sequence->take_result();
      const bool answer = answer_tokens > 1;
      milliseconds = std::max(milliseconds, answer ? result.completion_ms : result.prompt_ms);
      count += static_cast<double>(answer ? answer_tokens - 1 : prompt_tokens);
    }
    return count * 1000.0 / milliseconds;
  }

  plugin::CausalLMPlugin& model_;
  const Bench& o_;
  std::mt19937 random_{42};
};

json::Value summary(std::vector<double> rates, const std::string& test, const Bench& o, int threads) {
  std::ranges::sort(rates);
  double mean = 0;
  for (const double rate : rates) {
    mean += rate / static_cast<double>(rates.size());
  }
  double variance = 0;
  for (const double rate : rates) {
    variance += (rate - mean) * (rate - mean) / static_cast<double>(std::max<size_t>(rates.size() - 1, 1));
  }
  const bool prompt = test.starts_with("pp");
  return json::Object{{"test", test},
                      {"n_prompt", prompt ? o.prompt : int64_t{0}},
                      {"n_gen", prompt ? int64_t{0} : o.tokens},
                      {"depth", o.depth},
                      {"parallel", o.parallel},
                      {"threads", threads},
                      {"tokens_per_s", mean},
                      {"median", rates[rates.size() / 2]},
                      {"best", rates.back()},
                      {"stddev", std::sqrt(variance)}};
}

int bench(const Bench& o) {
  plugin::LoadOptions load = o.model.load_options();
  load.context = std::max(o.model.context, o.depth + std::max(o.prompt, o.tokens) + 2);
  load.sequences = o.parallel;
  const int threads = load.device->workers();
  const auto model = load_model(o.model, load);
  Bencher bencher(*model, o);
  const std::string suffix = o.depth > 0 ? concat("@d", o.depth) : "";
  json::Array out;
  if (o.prompt > 0) {
    out.push_back(summary(bencher.run(true), concat("pp", o.prompt, suffix), o, threads));
  }
  if (o.tokens > 0) {
    out.push_back(summary(bencher.run(false), concat("tg", o.tokens, suffix), o, threads));
  }
  if (o.json) {
    print(json::Value(out).dump() + "\n");
    return kExitOk;
  }
  for (const json::Value& row : out) {
    std::printf("%-14s %10.1f t/s  median %.1f  best %.1f  +- %.1f\n", row.find("test")->as_string().c_str(),
                row.find("tokens_per_s")->as_double(), row.find("median")->as_double(),
                row.find("best")->as_double(), row.find("stddev")->as_double());
  }
  return kExitOk;
}

}  // namespace

void add_bench(CLI::App& app, std::function<int()>& action) {
  app.description("Prompt and generation speed");
  const auto o = std::make_shared<Bench>();
  o->model.add_to(app);
  app.add_option("-p", o->prompt, "Prompt tokens; 0: no such test")->check(CLI::Range(0, 1 << 24));
  app.add_option("-n", o->tokens, "Generated tokens; 0: no such test")->check(CLI::Range(0, 1 << 24));
  app.add_option("-d", o->depth, "Tokens in the cache before")->check(CLI::Range(0, 1 << 24));
  app.add_option("--parallel", o->parallel, "Sequences at once")->check(CLI::Range(1, 1024));
  app.add_option("-r", o->repetitions, "Repetitions, behind one that is dropped")->check(CLI::Range(1, 1000));
  app.add_flag("--json", o->json, "As JSON");
  app.callback([o, &action] { action = [o] { return bench(*o); }; });
}

}  // namespace pio::apps
