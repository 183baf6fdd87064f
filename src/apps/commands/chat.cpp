// SPDX-License-Identifier: Apache-2.0
// chat: a conversation in the terminal.
#include <unistd.h>

#include <cstdio>

#include "../input_text.h"
#include "answer.h"
#include "generation_options.h"
#include "line_reader.h"

namespace pio::apps {
namespace {

constexpr const char* kHelp =
    "/help            this list\n"
    "/system TEXT     sets the system message and begins anew\n"
    "/clear           begins anew, without a system message\n"
    "/regen           answers the last message again\n"
    "/undo            takes the last message and its answer back\n"
    "/bye             ends (so do Ctrl-D, and Ctrl-C at the prompt)\n"
    "Ctrl-C stops an answer and keeps what there is of it.\n";

class Chat {
 public:
  Chat(plugin::CausalLMPlugin& model, const text::ChatTemplate& chat_template,
       const GenerationOptions& options)
      : model_(model), template_(chat_template), options_(options) {}

  // False ends the conversation.
  bool handle(const std::string& line) {
    if (line.empty()) {
      return true;
    }
    if (line[0] != '/') {
      json::Array messages = messages_;
      messages.push_back(message("user", line));
      answer_to(std::move(messages));
      return true;
    }
    const size_t space = std::min(line.find(' '), line.size());
    const std::string command = line.substr(0, space);
    const std::string argument = line.substr(std::min(space + 1, line.size()));
    if (command == "/system" ? argument.empty() : !argument.empty()) {
      print_note("error", command + (argument.empty() ? " needs a text"
                                                      : " takes no text; /help lists all"));
    } else if (command == "/bye") {
      return false;
    } else if (command == "/clear") {
      messages_.clear();
    } else if (command == "/system") {
      messages_ = {message("system", argument)};
    } else if (command == "/undo") {
      messages_ = before_last_answer();
      drop_last("user");
    } else if (command == "/regen") {
      answer_again();
    } else if (command == "/help") {
      std::fputs(kHelp, stderr);
    } else {
      print_note("error", concat("no command ", command, "; /help lists them"));
    }
    return true;
  }

  // Whether there were messages, and not one was answered.
  [[nodiscard]] bool all_failed() const noexcept { return failed_ > 0 && answered_ == 0; }

 private:
  [[nodiscard]] bool ends_with(const json::Array& messages, std::string_view role) const {
    return !messages.empty() && messages.back().find("role")->as_string() == role;
  }

  void drop_last(std::string_view role) {
    if (ends_with(messages_, role)) {
      messages_.pop_back();
    }
  }

  [[nodiscard]] json::Array before_last_answer() const {
    json::Array out = messages_;
    if (ends_with(out, "assistant")) {
      out.pop_back();
    }
    return out;
  }

  void answer_again() {
    json::Array messages = before_last_answer();
    if (ends_with(messages, "user")) {
      answer_to(std::move(messages));
    } else {
      print_note("error", "there is no message to answer again");
    }
  }

  // Where there is no answer, the conversation stays as it was.
  void answer_to(json::Array messages) {
    try {
      generation::Request request = options_.request(model_.text().sampling);
      request.ids = chat_ids(model_, template_, messages);
      const auto result = answer(model_, std::move(request), true);
      print("\n");
      note_full_context(model_, result);
      if (is_interrupted()) {
        arm_interrupt();
        if (result.text.empty()) {
          return;
        }
      }
      messages.push_back(message("assistant", result.text));
      messages_ = std::move(messages);
      ++answered_;
    } catch (const OutputError&) {
      throw;
    } catch (const Error& error) {
      print_note("error", error.what());
      ++failed_;
    }
  }

  plugin::CausalLMPlugin& model_;
  const text::ChatTemplate& template_;
  const GenerationOptions& options_;
  json::Array messages_;
  int64_t answered_ = 0;
  int64_t failed_ = 0;
};

struct ChatOptions {
  ModelOptions model;
  GenerationOptions generation;
  std::string template_file;
};

std::shared_ptr<const text::ChatTemplate> template_of(const ChatOptions& o,
                                                      const plugin::CausalLMPlugin& model) {
  if (!o.template_file.empty()) {
    return std::make_shared<text::ChatTemplate>(InputText(o.template_file).view(), o.template_file);
  }
  PIO_CHECK(model.text().chat_template != nullptr,
            "this checkpoint has no chat template: pass --template");
  return model.text().chat_template;
}

int chat(const ChatOptions& o) {
  o.generation.check();
  const auto model = load_with_progress(o.model);
  static_cast<void>(tokenizer_of(*model, "chat needs one, run --ids does not"));
  const auto chat_template = template_of(o, *model);
  Chat conversation(*model, *chat_template, o.generation);
  LineReader lines;
  for (;;) {
    std::fputs("> ", stderr);
    const auto line = lines.next();
    if (!line || !conversation.handle(*line)) {
      break;
    }
  }
  const bool piped = ::isatty(STDIN_FILENO) == 0;
  return piped && conversation.all_failed() ? kExitFailure : kExitOk;
}

}  // namespace

void add_chat(CLI::App& app, std::function<int()>& action) {
  app.description("A conversation; /help lists its commands");
  const auto o = std::make_shared<ChatOptions>();
  o->model.add_to(app);
  o->generation.add_to(app);
  app.add_option("--template", o->template_file, "Chat template to use instead of the checkpoint's")
      ->check(not_empty());
  app.callback([o, &action] { action = [o] { return chat(*o); }; });
}

}  // namespace pio::apps
