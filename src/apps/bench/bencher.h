// SPDX-License-Identifier: Apache-2.0
// The tests of `bench`: prompts, and answers, through the same loop as run.
#pragma once

#include <memory>
#include <random>
#include <vector>

#include "pio/plugin/model_plugin.h"
#include "profile.h"

namespace pio::apps {

/// What is timed.
struct BenchShape {
  int64_t prompt = 512;     ///< tokens; 0: no such test
  int64_t tokens = 128;     ///< generated; 0: no such test
  int64_t depth = 0;        ///< tokens in the cache before
  int64_t parallel = 1;     ///< sequences at once
  int64_t repetitions = 5;  ///< behind one that is dropped
};

/// One test.
struct BenchResult {
  std::vector<double> rates;  ///< tokens per second of each repetition, over all sequences
  kernels::Work work;         ///< of one repetition
  Profile profile;            ///< of all repetitions; empty if not asked for
};

/// Times one model. Errors: kInternal if a step fails; Interrupted.
class Bencher {
 public:
  /// profile: time every kernel, which costs a few percent. `model` must outlive it.
  Bencher(plugin::CausalLMPlugin& model, const BenchShape& shape, bool profile);

  /// From the submission of all prompts, or the end of the depth before them, to the last first token.
  [[nodiscard]] BenchResult prompts();
  /// The steps that give every sequence a token, after one that has ended all prompts.
  [[nodiscard]] BenchResult answers();

 private:
  using Sequences = std::vector<std::shared_ptr<generation::Sequence>>;
  /// One repetition; tells `observer` what it times. Returns tokens per second.
  using Repetition = double (Bencher::*)(const kernels::LaunchObserver& observer);

  BenchResult repeat(Repetition once);
  double prompts_once(const kernels::LaunchObserver& observer);
  double answers_once(const kernels::LaunchObserver& observer);
  std::vector<generation::Request> make_requests(int64_t prompt_tokens, int64_t answer_tokens);
  Sequences submit(std::vector<generation::Request> requests, int64_t depth);
  static void release(const Sequences& sequences);
  bool step();
  double time_steps(const kernels::LaunchObserver& observer);

  generation::Generator& generator_;
  kernels::Device& device_;
  int64_t vocab_;
  BenchShape shape_;
  bool profile_;
  std::mt19937 random_{42};
};

}  // namespace pio::apps
