// SPDX-License-Identifier: Apache-2.0
// bench: prompt and generation speed, through the same loop as run.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <random>

#include "../command.h"
#include "pio/base/error.h"
#include "pio/plugin/model_plugin.h"

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

using Clock = generation::Clock;
using Sequences = std::vector<std::shared_ptr<generation::Sequence>>;

class Bencher {
 public:
  Bencher(plugin::CausalLMPlugin& model, const Bench& options)
      : generator_(model.generator()), vocab_(model.runner().vocab()), o_(options) {}

  // Tokens per second of every kept repetition; the first is dropped. once: a test below.
  std::vector<double> run(double (Bencher::*once)()) {
    std::vector<double> out;
    for (int64_t r = 0; r <= o_.repetitions; ++r) {
      const double rate = (this->*once)();
      if (r > 0) {
        out.push_back(rate);
      }
    }
    return out;
  }

  // From the submission of all prompts, or the end of the depth before them, to the last first
  // token.
  double prompts() {
    auto requests = make_requests(o_.depth + o_.prompt, 1);
    auto start = Clock::now();
    const Sequences sequences = submit(std::move(requests), o_.depth);
    if (o_.depth > 0) {
      start = release(sequences);
    }
    while (step()) {
    }
    const double rate = rate_since(start, o_.prompt);
    check(sequences);
    return rate;
  }

  // The steps that give every sequence a token, after one that has ended all prompts.
  double answers() {
    const int64_t prompt = std::max<int64_t>(o_.depth, 1);
    const Sequences sequences = submit(make_requests(prompt, o_.tokens + 1), prompt - 1);
    release(sequences);
    step();
    const auto start = Clock::now();
    while (step()) {
    }
    const double rate = rate_since(start, o_.tokens);
    check(sequences);
    return rate;
  }

 private:
  std::vector<generation::Request> make_requests(int64_t prompt_tokens, int64_t answer_tokens) {
    std::uniform_int_distribution<int32_t> id(0, static_cast<int32_t>(vocab_) - 1);
    std::vector<generation::Request> out(static_cast<size_t>(o_.parallel));
    for (generation::Request& request : out) {
      request.ids.resize(static_cast<size_t>(prompt_tokens));
      std::ranges::generate(request.ids, [&] { return id(random_); });
      request.max_tokens = answer_tokens;
      request.ignore_eos = true;
    }
    return out;
  }

  // Queues all and computes the first `depth` tokens of each.
  Sequences submit(std::vector<generation::Request> requests, int64_t depth) {
    Sequences out;
    for (generation::Request& request : requests) {
      out.push_back(generator_.submit(std::move(request)));
      out.back()->hold_at(depth > 0 ? depth : INT64_MAX);
    }
    const auto is_short = [&](const auto& sequence) {
      return !sequence->is_finished() && sequence->computed() < depth;
    };
    while (std::ranges::any_of(out, is_short)) {
      step();
    }
    return out;
  }

  static Clock::time_point release(const Sequences& sequences) {
    for (const auto& sequence : sequences) {
      sequence->hold_at(INT64_MAX);
    }
    return Clock::now();
  }

  bool step() {
    throw_if_interrupted();
    return generator_.step();
  }

  [[nodiscard]] double rate_since(Clock::time_point start, int64_t tokens) const {
    const std::chrono::duration<double> seconds = Clock::now() - start;
    return static_cast<double>(o_.parallel * tokens) / seconds.count();
  }

  static void check(const Sequences& sequences) {
    for (const auto& sequence : sequences) {
      const auto result = sequence->take_result();
      if (result.finish_reason == generation::FinishReason::kError) {
        fail(ErrorCode::kInternal, result.error);
      }
    }
  }

  generation::Generator& generator_;
  int64_t vocab_;
  const Bench& o_;
  std::mt19937 random_{42};
};

json::Value summary(std::vector<double> rates, const std::string& test, const Bench& o,
                    int threads) {
  std::ranges::sort(rates);
  double mean = 0;
  for (const double rate : rates) {
    mean += rate / static_cast<double>(rates.size());
  }
  double variance = 0;
  for (const double rate : rates) {
    variance +=
        (rate - mean) * (rate - mean) / static_cast<double>(std::max<size_t>(rates.size() - 1, 1));
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

// The context that the tests need: a prompt's first token takes a position as well.
int64_t needed_context(const Bench& o) {
  const int64_t prompts = o.prompt > 0 ? o.depth + o.prompt + 1 : 1;
  const int64_t answers = o.tokens > 0 ? std::max<int64_t>(o.depth, 1) + o.tokens + 1 : 1;
  const int64_t needed = std::max(prompts, answers);
  const int64_t given = o.model.context > 0 ? o.model.context : needed;
  PIO_CHECK(given >= needed, "-p ", o.prompt, " -n ", o.tokens, " -d ", o.depth,
            " needs a context of ", needed, " tokens, --ctx is ", given);
  return given;
}

int bench(const Bench& o) {
  plugin::LoadOptions load = o.model.load_options();
  load.context = needed_context(o);
  load.sequences = o.parallel;
  const int threads = load.device->workers();
  const auto model = load_model(o.model, load);
  Bencher bencher(*model, o);
  const std::string suffix = o.depth > 0 ? concat("@d", o.depth) : "";
  json::Array out;
  if (o.prompt > 0) {
    out.push_back(
        summary(bencher.run(&Bencher::prompts), concat("pp", o.prompt, suffix), o, threads));
  }
  if (o.tokens > 0) {
    out.push_back(
        summary(bencher.run(&Bencher::answers), concat("tg", o.tokens, suffix), o, threads));
  }
  if (o.json) {
    print(json::Value(out).dump() + "\n");
    return kExitOk;
  }
  const auto number = [](const json::Value& row, const char* key) {
    return row.find(key)->as_double();
  };
  for (const json::Value& row : out) {
    std::array<char, 160> line{};
    std::snprintf(line.data(), line.size(), "%-14s %10.1f t/s  median %.1f  best %.1f  +- %.1f\n",
                  row.find("test")->as_string().c_str(), number(row, "tokens_per_s"),
                  number(row, "median"), number(row, "best"), number(row, "stddev"));
    print(line.data());
  }
  return kExitOk;
}

}  // namespace

void add_bench(Options& options) {
  options.description("Prompt and generation speed");
  const auto o = std::make_shared<Bench>();
  o->model.add_to(options);
  options.add("-p", o->prompt, {0, 1 << 24}, "Prompt tokens; 0: no such test");
  options.add("-n", o->tokens, {0, 1 << 24}, "Generated tokens; 0: no such test");
  options.add("-d", o->depth, {0, 1 << 24}, "Tokens in the cache before");
  options.add("--parallel", o->parallel, {1, 1024}, "Sequences at once");
  options.add("-r", o->repetitions, {1, 1000}, "Repetitions, behind one that is dropped");
  options.add_flag("--json", o->json, "As JSON");
  options.action([o] { return bench(*o); });
}

}  // namespace pio::apps
