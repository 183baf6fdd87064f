// SPDX-License-Identifier: Apache-2.0
// render: the chat template's output, byte for byte.
#include "../command.h"
#include "../input_text.h"
#include "iso_time.h"
#include "pio/base/error.h"
#include "pio/plugin/chat_variables.h"
#include "pio/plugin/text_loader.h"

namespace pio::apps {
namespace {

struct Render {
  std::string model, messages, tools, context, template_file;
  std::optional<std::string> now;
  bool no_generation_prompt = false;
};

json::Array read_list(const std::string& path) {
  const json::Value value = read_json(path);
  PIO_CHECK(value.is_array(), path, ": is of type ", value.kind(), ", a list was wanted");
  return value.as_array();
}

json::Object variables_of(const Render& o, const formats::Checkpoint& checkpoint) {
  if (!o.context.empty()) {
    const json::Value context = read_json(o.context);
    PIO_CHECK(context.is_object(), o.context, ": is of type ", context.kind(), ", an object was wanted");
    return context.as_object();
  }
  const json::Array messages = read_list(o.messages);
  const json::Value tools = o.tools.empty() ? json::Value() : json::Value(read_list(o.tools));
  try {
    return plugin::template_variables(plugin::load_special_tokens(checkpoint), messages, tools,
                                      !o.no_generation_prompt);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kInvalidArgument) {
      fail(error.code(), concat(o.messages, ": ", error.what()));
    }
    throw ModelError(error);
  }
}

std::shared_ptr<const text::ChatTemplate> template_of(const Render& o,
                                                      const formats::Checkpoint& checkpoint) {
  if (!o.template_file.empty()) {
    return std::make_shared<text::ChatTemplate>(InputText(o.template_file).view(), o.template_file);
  }
  auto out = plugin::load_chat_template(checkpoint);
  PIO_CHECK(out != nullptr, checkpoint.path.string(), ": has no chat template: pass --template");
  return out;
}

int render(const Render& o) {
  text::RenderOptions options;
  if (o.now) {
    options.now = parse_iso_time(*o.now);
    if (!options.now) {
      throw UsageError(
          "--now", concat("\"", escaped(*o.now), "\": expected a time like 2026-01-31T12:00:00"));
    }
  }
  const auto checkpoint = open_model(o.model);
  const json::Object variables = variables_of(o, checkpoint);
  print(template_of(o, checkpoint)->render(variables, options));
  return kExitOk;
}

}  // namespace

void add_render(Options& options) {
  options.description("The chat template's output");
  const auto o = std::make_shared<Render>();
  options.add("MODEL", o->model, "Folder, .gguf file, or name of a checkpoint").required();
  Options source = options.add_choice("source");
  source.add("--messages", o->messages, "JSON list of messages").not_empty();
  const auto context =
      source.add("--context", o->context, "JSON object with every variable").not_empty();
  options.add("--tools", o->tools, "JSON list of tools").not_empty().excludes(context);
  options.add("--template", o->template_file, "Template to use instead of the checkpoint's")
      .not_empty();
  options
      .add_flag("--no-generation-prompt", o->no_generation_prompt,
                "Do not open the assistant's turn")
      .excludes(context);
  options.add("--now", o->now, "The clock, as 2026-01-31T12:00:00; an offset turns it into UTC");
  options.action([o] { return render(*o); });
}

}  // namespace pio::apps
