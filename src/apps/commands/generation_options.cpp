// SPDX-License-Identifier: Apache-2.0
#include "generation_options.h"

#include <random>

#include "pio/base/error.h"
#include "pio/generation/stop_matcher.h"
#include "pio/plugin/chat_variables.h"

namespace pio::apps {

void GenerationOptions::add_to(Options& options) {
  options.add("-n,--max-tokens", max_tokens, {0, int64_t{1} << 31},
              "Most tokens of the answer; by default what the context leaves");
  options.add("--temp", temperature, {0.0, 100.0}, "Temperature; 0 is greedy");
  options.add("--top-k", top_k, {0, INT32_MAX}, "Draw from the k likeliest; 0: all");
  options.add("--top-p", top_p, {1e-6, 1.0}, "Draw from the likeliest that hold this share");
  options.add("--min-p", min_p, {0.0, 0.999999},
              "Draw from those at least this likely, beside the likeliest");
  options.add("--repetition-penalty", repetition_penalty, {0.01, 100.0},
              "Above 1: against tokens seen before");
  options.add("--frequency-penalty", frequency_penalty, {-2.0, 2.0},
              "Against tokens by their count in the answer");
  options.add("--presence-penalty", presence_penalty, {-2.0, 2.0}, "Against tokens of the answer");
  options.add("--seed", seed, {0, UINT64_MAX}, "Seed of the draw");
  options.add("--stop", stop, "Text that ends the answer; may be given several times");
  options.add_flag("--ignore-eos", ignore_eos, "Go on behind the end of the answer");
}

void GenerationOptions::check() const {
  try {
    static_cast<void>(generation::StopMatcher(stop));
  } catch (const Error& error) {
    throw UsageError("--stop", error.what());
  }
}

generation::Request GenerationOptions::request(const generation::SamplingParams& defaults) const {
  generation::Request out;
  generation::SamplingParams& s = out.sampling;
  s = defaults;
  s.temperature = temperature.value_or(s.temperature);
  s.top_k = top_k.value_or(s.top_k);
  s.top_p = top_p.value_or(s.top_p);
  s.min_p = min_p.value_or(s.min_p);
  s.repetition_penalty = repetition_penalty.value_or(s.repetition_penalty);
  s.frequency_penalty = frequency_penalty.value_or(s.frequency_penalty);
  s.presence_penalty = presence_penalty.value_or(s.presence_penalty);
  s.seed = seed ? *seed : std::random_device{}();
  out.max_tokens = max_tokens;
  out.stop = stop;
  out.ignore_eos = ignore_eos;
  return out;
}

const text::Tokenizer& tokenizer_of(const plugin::CausalLMPlugin& model, const std::string& remedy) {
  if (model.text().tokenizer == nullptr) {
    throw ModelError(Error(ErrorCode::kUnsupported, "this checkpoint has no tokenizer: " + remedy));
  }
  return *model.text().tokenizer;
}

json::Value message(const std::string& role, const std::string& content) {
  return json::Object{{"role", role}, {"content", content}};
}

void set_conversation(generation::Request& request, const plugin::CausalLMPlugin& model,
                      const text::ChatTemplate& chat_template, json::Array messages) {
  request.prompt =
      chat_template.render(plugin::template_variables(model.text().special_tokens, messages));
  request.ids =
      model.text().tokenizer->encode(request.prompt, {.add_special = false, .parse_special = true});
  request.messages = std::move(messages);
}

}  // namespace pio::apps
