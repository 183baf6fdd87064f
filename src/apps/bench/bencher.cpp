// SPDX-License-Identifier: Apache-2.0
#include "bencher.h"

#include <algorithm>

#include "../interrupt.h"
#include "pio/base/error.h"

namespace pio::apps {
namespace {

using Clock = generation::Clock;

void check(const std::vector<std::shared_ptr<generation::Sequence>>& sequences) {
  for (const auto& sequence : sequences) {
    const auto result = sequence->take_result();
    if (result.finish_reason == generation::FinishReason::kError) {
      fail(ErrorCode::kInternal, result.error);
    }
  }
}

}  // namespace

Bencher::Bencher(plugin::CausalLMPlugin& model, const BenchShape& shape, bool profile)
    : generator_(model.generator()),
      device_(model.runner().executor().device()),
      vocab_(model.runner().vocab()),
      shape_(shape),
      profile_(profile) {}

BenchResult Bencher::prompts() { return repeat(&Bencher::prompts_once); }
BenchResult Bencher::answers() { return repeat(&Bencher::answers_once); }

// The first repetition warms up, and its work is counted: it is that of the others.
BenchResult Bencher::repeat(Repetition once) {
  BenchResult out;
  (this->*once)([&](const kernels::Launch& launch, auto /*took*/) { out.work += kernels::work_of(launch); });
  const kernels::LaunchObserver add = [&](const kernels::Launch& launch, auto took) { out.profile.add(launch, took); };
  for (int64_t r = 0; r < shape_.repetitions; ++r) {
    out.rates.push_back((this->*once)(profile_ ? add : nullptr));
  }
  return out;
}

double Bencher::prompts_once(const kernels::LaunchObserver& observer) {
  const bool from_zero = shape_.depth == 0;
  auto requests = make_requests(shape_.depth + shape_.prompt, 1);
  const auto start = Clock::now();
  const Sequences sequences = submit(std::move(requests), shape_.depth);
  const std::chrono::duration<double> submitting = Clock::now() - start;
  release(sequences);
  const double tokens = static_cast<double>(shape_.parallel * shape_.prompt);
  const double seconds = time_steps(observer) + (from_zero ? submitting.count() : 0);
  check(sequences);
  return tokens / seconds;
}

double Bencher::answers_once(const kernels::LaunchObserver& observer) {
  const int64_t prompt = std::max<int64_t>(shape_.depth, 1);
  const Sequences sequences = submit(make_requests(prompt, shape_.tokens + 1), prompt - 1);
  release(sequences);
  step();
  const double seconds = time_steps(observer);
  check(sequences);
  return static_cast<double>(shape_.parallel * shape_.tokens) / seconds;
}

std::vector<generation::Request> Bencher::make_requests(int64_t prompt_tokens, int64_t answer_tokens) {
  std::uniform_int_distribution<int32_t> id(0, static_cast<int32_t>(vocab_) - 1);
  std::vector<generation::Request> out(static_cast<size_t>(shape_.parallel));
  for (generation::Request& request : out) {
    request.ids.resize(static_cast<size_t>(prompt_tokens));
    std::ranges::generate(request.ids, [&] { return id(random_); });
    request.max_tokens = answer_tokens;
    request.ignore_eos = true;
  }
  return out;
}

// Queues all and computes the first `depth` tokens of each.
Bencher::Sequences Bencher::submit(std::vector<generation::Request> requests, int64_t depth) {
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

void Bencher::release(const Sequences& sequences) {
  for (const auto& sequence : sequences) {
    sequence->hold_at(INT64_MAX);
  }
}

bool Bencher::step() {
  throw_if_interrupted();
  return generator_.step();
}

// Seconds of the steps that are left.
double Bencher::time_steps(const kernels::LaunchObserver& observer) {
  device_.observe(observer);
  const auto start = Clock::now();
  while (step()) {
  }
  const std::chrono::duration<double> seconds = Clock::now() - start;
  device_.observe(nullptr);
  return seconds.count();
}

}  // namespace pio::apps
