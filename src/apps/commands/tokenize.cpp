// SPDX-License-Identifier: Apache-2.0
// tokenize and detokenize: text to ids and back.
#include "../command.h"
#include "../input_text.h"
#include "pio/base/error.h"
#include "pio/plugin/text_loader.h"

namespace pio::apps {
namespace {

std::shared_ptr<const text::Tokenizer> tokenizer_at(const std::string& model) {
  const auto checkpoint = open_model(model);
  try {
    auto out = plugin::load_tokenizer(checkpoint);
    if (out == nullptr) {
      fail(ErrorCode::kUnsupported, concat(checkpoint.path.string(), ": has no tokenizer"));
    }
    return out;
  } catch (const Error& error) {
    throw ModelError(error);
  }
}

struct Tokenize {
  std::string model;
  std::optional<std::string> text;
  std::string file;
  std::string ids;
  bool no_special = false;
  bool json = false;
};

int tokenize(const Tokenize& o) {
  std::optional<InputText> file;
  if (!o.text) {
    file.emplace(o.file);
  }
  const std::string_view text = o.text ? std::string_view(*o.text) : file->view();
  json::Array ids;
  std::string plain;
  for (const int32_t id : tokenizer_at(o.model)->encode(text, {.add_special = !o.no_special})) {
    ids.emplace_back(int64_t{id});
    plain += concat(plain.empty() ? "" : ",", id);
  }
  print((o.json ? json::Value(json::Object{{"ids", std::move(ids)}}).dump() : plain) + "\n");
  return kExitOk;
}

int detokenize(const Tokenize& o) {
  const auto ids = parse_ids(o.ids);
  const auto tokenizer = tokenizer_at(o.model);
  for (const int32_t id : ids) {
    PIO_CHECK(id < tokenizer->size(), "token id ", id, " is outside the vocabulary of ", tokenizer->size());
  }
  const std::string text = tokenizer->decode(ids);
  print((o.json ? json::Value(json::Object{{"text", text}}).dump() : text) + "\n");
  return kExitOk;
}

}  // namespace

void add_tokenize(Options& options) {
  options.description("Text to token ids");
  const auto o = std::make_shared<Tokenize>();
  options.add("MODEL", o->model, "Folder, .gguf file, or name of a checkpoint").required();
  Options source = options.add_choice("source");
  source.add("--text", o->text, "The text");
  source.add("--file", o->file, "A file with the text; - is standard input").not_empty();
  options.add_flag("--no-special", o->no_special, "Add no BOS or EOS");
  options.add_flag("--json", o->json, "As JSON");
  options.action([o] { return tokenize(*o); });
}

void add_detokenize(Options& options) {
  options.description("Token ids to text");
  const auto o = std::make_shared<Tokenize>();
  options.add("MODEL", o->model, "Folder, .gguf file, or name of a checkpoint").required();
  options.add("--ids", o->ids, "Token ids").required();
  options.add_flag("--json", o->json, "As JSON");
  options.action([o] { return detokenize(*o); });
}

}  // namespace pio::apps
