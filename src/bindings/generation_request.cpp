// SPDX-License-Identifier: Apache-2.0
#include "generation_request.h"

#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <limits>
#include <optional>
#include <random>

#include "json_convert.h"
#include "pio/base/error.h"
#include "pio/kernels/cpu/cpu_device.h"
#include "pio/kernels/registry.h"
#include "pio/plan/passes/passes.h"
#include "pio/plugin/chat_variables.h"
#include "pio/plugin/load_causal.h"

namespace pio::bindings {
namespace {

// What a field of this type takes, for messages.
template <class T>
std::string wanted() {
  if constexpr (std::is_same_v<T, bool>) {
    return "True or False";
  } else if constexpr (std::is_integral_v<T>) {
    return concat("a whole number from ", std::numeric_limits<T>::min(), " to ", std::numeric_limits<T>::max());
  } else if constexpr (std::is_floating_point_v<T>) {
    return "a number";
  } else if constexpr (std::is_same_v<T, std::string>) {
    return "a text";
  } else {
    return std::is_same_v<T, std::vector<std::string>> ? "a text or a list of texts" : "a list of token ids";
  }
}

// Takes `name` out of `from` into `field` if it is there.
template <class T>
bool take(nb::dict& from, const char* name, T& field) {
  if (!from.contains(name)) {
    return false;
  }
  const nb::object value = from[name];
  try {
    field = nb::cast<T>(value);
  } catch (const nb::cast_error&) {
    fail(ErrorCode::kInvalidArgument,
         concat("[", name, "] got ", nb::cast<std::string>(nb::repr(value)), ", expected ", wanted<T>()));
  }
  nb::del(from[name]);
  return true;
}

// The same for a whole number from min to max.
bool take_whole(nb::dict& from, const char* name, int64_t& field, int64_t min, int64_t max) {
  const bool is_there = take(from, name, field);
  PIO_CHECK(!is_there || (field >= min && field <= max), "[", name, "] got ", field, ", expected a whole number from ",
            min, " to ", max);
  return is_there;
}

const text::Tokenizer& tokenizer_of(const plugin::TextParts& text) {
  if (text.tokenizer == nullptr) {
    fail(ErrorCode::kUnsupported, "this checkpoint has no tokenizer: pass token ids");
  }
  return *text.tokenizer;
}

void take_prompt(nb::dict& input, const plugin::TextParts* text, generation::Request& out) {
  const bool has_ids = take(input, "ids", out.ids);
  const bool has_prompt = take(input, "prompt", out.prompt);
  if (has_prompt && !has_ids && text != nullptr) {
    out.ids = tokenizer_of(*text).encode(out.prompt);
  }
  const bool has_messages = input.contains("messages");
  PIO_CHECK(has_ids || has_prompt || has_messages, "[infer] got no prompt, messages or ids");
  if (!has_messages) {
    return;
  }
  const json::Value messages = to_json(input["messages"], "[chat] messages");
  PIO_CHECK(messages.is_array(), "[chat] messages is of type ", messages.kind(), ", expected a list of dicts");
  const json::Value tools = input.contains("tools") ? to_json(input["tools"], "[chat] tools") : json::Value();
  nb::del(input["messages"]);
  if (input.contains("tools")) {
    nb::del(input["tools"]);
  }
  if (text == nullptr || text->chat_template == nullptr) {
    fail(ErrorCode::kUnsupported, "this checkpoint has no chat template: use generate");
  }
  out.prompt = text->chat_template->render(
      plugin::template_variables(text->special_tokens, messages.as_array(), tools));
  out.ids = tokenizer_of(*text).encode(out.prompt, {.add_special = false, .parse_special = true});
  out.messages = messages.as_array();
}

// One dict of what the caller gave; None stands for what is not given.
nb::dict merged(nb::handle input, nb::kwargs sampling) {
  nb::dict given;
  if (nb::hasattr(input, "keys")) {
    given.attr("update")(input);
  } else {
    given[nb::isinstance<nb::str>(input) ? "prompt" : "ids"] = input;
  }
  given.update(sampling);
  nb::dict fields;
  for (const auto& [key, value] : given) {
    if (!value.is_none()) {
      fields[key] = value;
    }
  }
  return fields;
}

// Everything but the prompt; `out` has the defaults, but for the seed.
void take_sampling(nb::dict& fields, generation::Request& out) {
  out.sampling.seed = std::random_device{}();
  take(fields, "max_tokens", out.max_tokens);
  take(fields, "temperature", out.sampling.temperature);
  take(fields, "top_k", out.sampling.top_k);
  take(fields, "top_p", out.sampling.top_p);
  take(fields, "min_p", out.sampling.min_p);
  take(fields, "repetition_penalty", out.sampling.repetition_penalty);
  take(fields, "frequency_penalty", out.sampling.frequency_penalty);
  take(fields, "presence_penalty", out.sampling.presence_penalty);
  take(fields, "seed", out.sampling.seed);
  take(fields, "ignore_eos", out.ignore_eos);
  if (fields.contains("stop") && nb::isinstance<nb::str>(fields["stop"])) {
    out.stop = {nb::cast<std::string>(fields["stop"])};
    nb::del(fields["stop"]);
  }
  take(fields, "stop", out.stop);
  reject_rest(fields, "generation");
}

// What the last message says, for loops that read the prompt alone; "" where it is no text.
nb::object last_text(nb::handle messages) {
  PIO_CHECK(nb::isinstance<nb::list>(messages) && nb::len(messages) > 0, "[chat] messages is ",
            nb::cast<std::string>(nb::repr(messages)), ", expected a list of dicts");
  const nb::object last = messages[nb::len(messages) - 1];
  PIO_CHECK(nb::hasattr(last, "get"), "[chat] a message is ", nb::cast<std::string>(nb::repr(last)),
            ", expected a dict");
  const nb::object content = last.attr("get")("content", "");
  return nb::isinstance<nb::str>(content) ? content : nb::str("");
}

}  // namespace

void reject_rest(const nb::dict& rest, const char* what) {
  for (const auto& [key, value] : rest) {
    throw nb::type_error(concat(what, " has no argument \"", nb::cast<std::string>(nb::str(key)), "\"").c_str());
  }
}

const plugin::TextParts* text_of(plugin::ModelPluginInterface& plugin) {
  const auto* causal = plugin::loaded_causal(plugin);
  return causal != nullptr ? &causal->text() : nullptr;
}

generation::Request to_request(nb::handle input, nb::kwargs sampling, const plugin::TextParts* text) {
  nb::dict fields = merged(input, sampling);
  generation::Request out;
  if (text != nullptr) {
    out.sampling = text->sampling;
  }
  take_prompt(fields, text, out);
  take_sampling(fields, out);
  return out;
}

nb::dict to_fields(const generation::Request& request) {
  nb::dict out;
  out["prompt"] = request.prompt;
  out["ids"] = nb::cast(request.ids);
  if (!request.messages.empty()) {
    out["messages"] = to_python(json::Value(request.messages));
  }
  out["max_tokens"] = request.max_tokens;
  out["stop"] = nb::cast(request.stop);
  out["ignore_eos"] = request.ignore_eos;
  const generation::SamplingParams& s = request.sampling;
  out["temperature"] = s.temperature;
  out["top_k"] = s.top_k;
  out["top_p"] = s.top_p;
  out["min_p"] = s.min_p;
  out["repetition_penalty"] = s.repetition_penalty;
  out["frequency_penalty"] = s.frequency_penalty;
  out["presence_penalty"] = s.presence_penalty;
  out["seed"] = s.seed;
  return out;
}

nb::dict own_loop_fields(plugin::ModelPluginInterface& plugin, nb::handle input, nb::kwargs sampling) {
  const plugin::TextParts* text = text_of(plugin);
  nb::dict fields = merged(input, sampling);
  if (text != nullptr || !fields.contains("messages")) {
    return to_fields(to_request(fields, nb::kwargs(), text));
  }
  const nb::object messages = fields.attr("pop")("messages");
  fields.attr("setdefault")("prompt", last_text(messages));
  nb::dict out = to_fields(to_request(fields, nb::kwargs(), text));
  out["messages"] = messages;
  return out;
}

void take_load_options(nb::dict given, plugin::LoadOptions& out) {
  std::string weights;
  std::string kv;
  std::string disabled;
  std::string isa;
  int64_t threads = 0;
  const bool has_weights = take(given, "weights", weights);
  if (has_weights) {
    out.weights = plugin::weight_format(weights);
  }
  if (take(given, "kv", kv) || has_weights) {
    out.kv_type = plugin::kv_format(kv, out.weights);
  }
  take_whole(given, "ctx", out.context, 1, plugin::LoadOptions::kMaxContext);
  take_whole(given, "chunk", out.chunk, 1, plugin::LoadOptions::kMaxChunk);
  take_whole(given, "parallel", out.sequences, 1, plugin::LoadOptions::kMaxSequences);
  take(given, "allow_extra", out.allow_extra);
  if (take(given, "disable_pass", disabled)) {
    out.disabled_passes = plan::parse_disabled(disabled);
  }
  const bool has_threads = take_whole(given, "threads", threads, 1, plugin::LoadOptions::kMaxThreads);
  if (take(given, "isa", isa) || has_threads) {
    auto pool = has_threads ? std::make_shared<ThreadPool>(static_cast<int>(threads), default_pinning())
                            : kernels::shared_pool();
    out.device = std::make_shared<kernels::CpuDevice>(
        std::move(pool), isa.empty() ? kernels::default_isa() : kernels::usable_isa("isa ", isa));
  }
}

}  // namespace pio::bindings
