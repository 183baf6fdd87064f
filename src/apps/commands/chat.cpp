// SPDX-License-Identifier: Apache-2.0
// chat: a conversation in the terminal.
#include <cstdio>
#include <iostream>

#include "generation_options.h"

namespace pio::apps {
namespace {

constexpr std::string_view kHelp =
    "/help            this list\n"
    "/system TEXT     sets the system message and begins anew\n"
    "/clear           begins anew\n"
    "/regen           answers the last message again\n"
    "/undo            takes the last message and its answer back\n"
    "/bye             ends (so does Ctrl-D)\n"
    "Ctrl-C stops an answer.\n";

class Chat {
 public:
  Chat(plugin::CausalLMPlugin& model, const GenerationOptions& options)
      : model_(model), options_(options) {}

  // False ends the conversation.
  bool handle(const std::string& line) {
    if (line.empty()) {
      return true;
    }
    if (line[0] != '/') {
      messages_.push_back(message("user", line));
      answer();
      return true;
    }
    const size_t space = std::min(line.find(' '), line.size());
    const std::string command = line.substr(0, space);
    const std::string argument = line.substr(std::min(space + 1, line.size()));
    if (command == "/bye" || command == "/exit") {
      return false;
    }
    if (command == "/clear" || command == "/system") {
      messages_.clear();
      if (!argument.empty()) {
        messages_.push_back(message("system", argument));
      }
    } else if (command == "/undo" || command == "/regen") {
      take_back(command == "/regen");
    } else {
      std::fputs(kHelp.data(), stderr);
    }
    return true;
  }

 private:
  void take_back(bool again) {
    const auto role = [&] { return messages_.back().find("role")->as_string(); };
    if (!messages_.empty() && role() == "assistant") {
      messages_.pop_back();
    }
    if (!messages_.empty() && role() == "user") {
      if (again) {
        answer();
      } else {
        messages_.pop_back();
      }
    }
  }

  void answer() {
    try {
      generation::Request request = options_.request(model_);
      request.ids = chat_ids(model_, messages_);
      request.on_text = [](std::string_view piece) {
        print(piece);
        return !is_interrupted();
      };
      const auto result = model_.infer(std::move(request));
      print("\n");
      messages_.push_back(message("assistant", result.text));
    } catch (const Error& error) {  // the conversation goes on without this message
      std::fprintf(stderr, "error: %s\n", error.what());
      messages_.pop_back();
    }
  }

  plugin::CausalLMPlugin& model_;
  const GenerationOptions& options_;
  json::Array messages_;
};

int chat(const ModelOptions& options, const GenerationOptions& generation) {
  ProgressBar bar("loading");
  plugin::LoadOptions load = options.load_options();
  load.progress = [&](int64_t done, int64_t total) { bar.update(done, total); };
  const auto model = load_model(options, load);
  bar.finish();
  Chat conversation(*model, generation);
  std::string line;
  do {
    std::fputs("> ", stderr);
  } while (!is_interrupted() && std::getline(std::cin, line) && conversation.handle(line));
  return kExitOk;
}

}  // namespace

void add_chat(CLI::App& app, std::function<int()>& action) {
  app.description("A conversation; /help lists its commands");
  const auto model = std::make_shared<ModelOptions>();
  const auto generation = std::make_shared<GenerationOptions>();
  model->add_to(app);
  generation->add_to(app);
  app.callback([=, &action] { action = [=] { return chat(*model, *generation); }; });
}

}  // namespace pio::apps
