// SPDX-License-Identifier: Apache-2.0
// chat: a conversation in the terminal.
#include <unistd.h>

#include <cstdio>

#include "../input_text.h"
#include "answer.h"
#include "generation_options.h"
#include "line_reader.h"
#include "pio/plugin/load_causal.h"

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

// Who answers: with a template a conversation goes to it as ids too, without one as messages alone.
struct Answerer {
  std::shared_ptr<plugin::ModelPluginInterface> model;
  plugin::CausalLMPlugin* causal = nullptr;  // null: a loop of its own is all there is
  std::shared_ptr<const text::ChatTemplate> chat_template;
};

class Chat {
 public:
  Chat(Answerer answerer, const GenerationOptions& options)
      : answerer_(std::move(answerer)), options_(options) {}

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
      const auto result = answer(*answerer_.model, request_of(messages), true);
      print("\n");
      if (answerer_.causal != nullptr) {
        note_full_context(*answerer_.causal, result);
      }
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
    } catch (const ModelError&) {  // it answers nothing at all
      throw;
    } catch (const std::exception& error) {  // a loop of the model's own may throw what it likes
      print_note("error", error.what());
      ++failed_;
    }
  }

  [[nodiscard]] generation::Request request_of(const json::Array& messages) const {
    const auto& [model, causal, chat_template] = answerer_;
    generation::Request out = options_.request(causal != nullptr ? causal->text().sampling
                                                                 : generation::SamplingParams{});
    if (chat_template != nullptr) {
      set_conversation(out, *causal, *chat_template, messages);
    } else {
      out.prompt = messages.back().find("content")->as_string();
      out.messages = messages;
    }
    return out;
  }

  Answerer answerer_;
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

// Null where a loop of the model's own renders the messages itself.
std::shared_ptr<const text::ChatTemplate> template_of(const ChatOptions& o,
                                                      const Answerer& answerer) {
  const plugin::CausalLMPlugin* causal = answerer.causal;
  PIO_CHECK(
      causal != nullptr || o.template_file.empty(),
      "--template: this architecture has no tokenizer, its own loop takes messages as they are");
  const bool is_own = answerer.model->has_own_loop() && o.template_file.empty();
  if (causal == nullptr || (is_own && causal->text().tokenizer == nullptr)) {
    return nullptr;
  }
  static_cast<void>(tokenizer_of(*causal, "chat needs one, run --ids does not"));
  if (!o.template_file.empty()) {
    return std::make_shared<text::ChatTemplate>(InputText(o.template_file).view(), o.template_file);
  }
  PIO_CHECK(is_own || causal->text().chat_template != nullptr,
            "this checkpoint has no chat template: pass --template");
  return causal->text().chat_template;
}

Answerer load_answerer(const ChatOptions& o) {
  Answerer out{.model = load_answering(o.model)};
  out.causal = plugin::loaded_causal(*out.model);
  out.chat_template = template_of(o, out);
  return out;
}

int chat(const ChatOptions& o) {
  o.generation.check();
  Chat conversation(load_answerer(o), o.generation);
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

void add_chat(Options& options) {
  options.description("A conversation; /help lists its commands");
  const auto o = std::make_shared<ChatOptions>();
  o->model.add_to(options);
  o->generation.add_to(options);
  options.add("--template", o->template_file, "Chat template to use instead of the checkpoint's")
      .not_empty();
  options.action([o] { return chat(*o); });
}

}  // namespace pio::apps
