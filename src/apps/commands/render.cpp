// SPDX-License-Identifier: Apache-2.0
// render: the chat template's output, byte for byte.
#include <ctime>
#include <iomanip>
#include <sstream>

#include "../command.h"
#include "pio/base/error.h"
#include "pio/base/mmap_file.h"

namespace pio::apps {
namespace {

struct Render {
  std::string model, messages, tools, context, template_file, now;
  bool no_generation_prompt = false;
};

std::string read_text(const std::string& path) {
  const MmapFile file(path);
  return {reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()};
}

json::Value read_json(const std::string& path) { return json::parse_value(read_text(path), path); }

std::chrono::system_clock::time_point parse_time(const std::string& text) {
  std::tm parts{};
  std::istringstream in(text);
  in >> std::get_time(&parts, text.size() > 10 ? "%Y-%m-%dT%H:%M:%S" : "%Y-%m-%d");
  if (in.fail()) {
    throw CLI::ValidationError("--now", concat("\"", escaped(text), "\": expected 2026-01-31T12:00:00"));
  }
  return std::chrono::system_clock::from_time_t(::timegm(&parts));
}

std::shared_ptr<const text::ChatTemplate> template_of(const Render& o,
                                                      const formats::Checkpoint& checkpoint) {
  if (!o.template_file.empty()) {
    return std::make_shared<text::ChatTemplate>(read_text(o.template_file), o.template_file);
  }
  auto out = plugin::load_chat_template(checkpoint);
  PIO_CHECK(out != nullptr, checkpoint.path.string(), ": has no chat template: pass --template");
  return out;
}

int render(const Render& o) {
  const auto checkpoint = open_model(o.model);
  json::Object variables;
  if (!o.context.empty()) {
    const json::Value context = read_json(o.context);
    PIO_CHECK(context.is_object(), o.context, ": is a ", context.kind(), ", expected an object");
    variables = context.as_object();
  } else {
    variables.emplace_back("messages", read_json(o.messages));
    if (!o.tools.empty()) {
      variables.emplace_back("tools", read_json(o.tools));
    }
    if (const auto tokenizer = plugin::load_tokenizer(checkpoint)) {
      const auto add = [&](const char* key, std::optional<int32_t> id) {
        if (id) {
          variables.emplace_back(key, std::string(tokenizer->token_bytes(*id)));
        }
      };
      add("bos_token", tokenizer->bos_id());
      add("eos_token", tokenizer->eos_id());
    }
  }
  text::RenderOptions options{.add_generation_prompt = !o.no_generation_prompt};
  if (!o.now.empty()) {
    options.now = parse_time(o.now);
  }
  print(template_of(o, checkpoint)->render(variables, options));
  return kExitOk;
}

}  // namespace

void add_render(CLI::App& app, std::function<int()>& action) {
  app.description("The chat template's output");
  const auto o = std::make_shared<Render>();
  app.add_option("MODEL", o->model, "Folder, .gguf file, or name of a checkpoint")->required();
  auto* source = app.add_option_group("source");
  source->add_option("--messages", o->messages, "JSON list of messages");
  source->add_option("--context", o->context, "JSON object with every variable");
  source->require_option(1);
  app.add_option("--tools", o->tools, "JSON list of tools");
  app.add_option("--template", o->template_file, "Template to use instead of the checkpoint's");
  app.add_flag("--no-generation-prompt", o->no_generation_prompt, "Do not open the assistant's turn");
  app.add_option("--now", o->now, "The clock, as 2026-01-31T12:00:00");
  app.callback([o, &action] { action = [o] { return render(*o); }; });
}

}  // namespace pio::apps
