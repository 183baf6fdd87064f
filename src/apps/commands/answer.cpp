// SPDX-License-Identifier: Apache-2.0
#include "answer.h"

#include "../checkpoints.h"
#include "pio/base/error.h"

namespace pio::apps {
namespace {

using generation::FinishReason;

generation::GenerationResult run_steps(generation::Generator& generator,
                                       generation::Request request) {
  const auto sequence = generator.submit(std::move(request));
  while (!sequence->is_finished()) {
    if (is_interrupted()) {
      sequence->cancel(FinishReason::kCancelled);
    } else if (!generator.step()) {
      break;
    }
  }
  return sequence->take_result();
}

// A loop of the plugin's own. One that turns out to answer nothing is a model that the command cannot use.
generation::GenerationResult run_own_loop(plugin::ModelPluginInterface& model, generation::Request request) {
  try {
    return model.infer(std::move(request));
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kUnsupported) {
      throw ModelError(error);
    }
    throw;
  }
}

}  // namespace

generation::GenerationResult answer(plugin::ModelPluginInterface& model, generation::Request request,
                                    bool streamed) {
  bool is_written = true;
  bool any = false;
  request.on_text = [&](std::string_view piece) {
    any = true;
    is_written = !streamed || try_print(piece);
    return is_written && !is_interrupted();
  };
  auto* engine = model.has_own_loop() ? nullptr : dynamic_cast<plugin::CausalLMPlugin*>(&model);
  auto result = engine == nullptr ? run_own_loop(model, std::move(request))
                                  : run_steps(engine->generator(), std::move(request));
  if (streamed && !any) {
    is_written = try_print(result.text);  // an own loop need not stream
  }
  if (!is_written) {
    print("");  // fails again, and says why
  }
  if (result.finish_reason == FinishReason::kError) {
    fail(ErrorCode::kInternal, result.error);
  }
  return result;
}

void note_full_context(plugin::CausalLMPlugin& model, const generation::GenerationResult& result) {
  const int64_t tokens = result.prompt_tokens + static_cast<int64_t>(result.ids.size());
  if (result.finish_reason == FinishReason::kLength && tokens >= model.runner().options().context) {
    print_note("note", concat("context full: ", tokens, " tokens"));
  }
}

}  // namespace pio::apps
