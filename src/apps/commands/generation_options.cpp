// SPDX-License-Identifier: Apache-2.0
#include "generation_options.h"

#include <random>

#include "pio/base/error.h"
#include "pio/generation/stop_matcher.h"
#include "pio/plugin/chat_variables.h"

namespace pio::apps {

void GenerationOptions::add_to(CLI::App& app) {
  app.add_option("-n,--max-tokens", max_tokens, "Most tokens of the answer; by default what the context leaves")
      ->transform(whole_number<int64_t>(0, int64_t{1} << 31));
  app.add_option("--temp", temperature, "Temperature; 0 is greedy")->check(real_number(0.0, 100.0));
  app.add_option("--top-k", top_k, "Draw from the k likeliest; 0: all")
      ->transform(whole_number<int64_t>(0, INT32_MAX));
  app.add_option("--top-p", top_p, "Draw from the likeliest that hold this share")
      ->check(real_number(1e-6, 1.0));
  app.add_option("--min-p", min_p, "Draw from those at least this likely, beside the likeliest")
      ->check(real_number(0.0, 0.999999));
  app.add_option("--repetition-penalty", repetition_penalty, "Above 1: against tokens seen before")
      ->check(real_number(0.01, 100.0));
  app.add_option("--frequency-penalty", frequency_penalty, "Against tokens by their count in the answer")
      ->check(real_number(-2.0, 2.0));
  app.add_option("--presence-penalty", presence_penalty, "Against tokens of the answer")
      ->check(real_number(-2.0, 2.0));
  app.add_option("--seed", seed, "Seed of the draw")->transform(whole_number<uint64_t>(0, UINT64_MAX));
  app.add_option("--stop", stop, "Text that ends the answer; may be given several times")
      ->allow_extra_args(false);
  app.add_flag("--ignore-eos", ignore_eos, "Go on behind the end of the answer");
}

void GenerationOptions::check() const {
  try {
    static_cast<void>(generation::StopMatcher(stop));
  } catch (const Error& error) {
    throw CLI::ValidationError("--stop", error.what());
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
