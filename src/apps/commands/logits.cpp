// SPDX-License-Identifier: Apache-2.0
// logits: what the model computes for given ids, written as safetensors.
#include "../command.h"
#include "pio/formats/safetensors_writer.h"
#include "pio/plugin/model_plugin.h"

namespace pio::apps {
namespace {

struct Logits {
  ModelOptions model;
  std::string ids;
  std::string out;
  bool all = false;
  bool hidden = false;
};

struct Rows {
  std::vector<float> values;
  int64_t cols = 0;
  [[nodiscard]] formats::NewTensor as_tensor(const std::string& name) const {
    return {.name = name,
            .dtype = "F32",
            .shape = {static_cast<int64_t>(values.size()) / cols, cols},
            .bytes = std::as_bytes(std::span(values))};
  }
};

void append(Rows& to, std::span<const float> row) {
  to.values.insert(to.values.end(), row.begin(), row.end());
}

int logits(const Logits& o) {
  const auto ids = parse_prompt_ids(o.ids);
  plugin::LoadOptions load = o.model.load_options();
  load.taps = o.hidden;
  const auto model = load_model(o.model, load);
  auto session = model->session();
  auto& executor = model->runner().executor();
  std::vector<std::pair<std::string, Rows>> tensors;
  tensors.emplace_back("logits", Rows{{}, model->runner().vocab()});
  for (const auto& output : model->runner().plans().plans().front().outputs) {
    if (output.name.starts_with("hidden.")) {
      tensors.emplace_back(output.name, Rows{{}, output.view.cols});
    }
  }
  const auto last = static_cast<int64_t>(ids.size()) - 1;
  const int64_t chunk = o.model.chunk;
  if (!o.all && !o.hidden) {
    append(tensors[0].second, session.prefill(ids));  // the head runs for one row
  } else {
    session.score(ids, [&](int64_t position, std::span<const float> row) {
      if (o.all || position == last) {
        append(tensors[0].second, row);
      }
      for (size_t i = 1; i < tensors.size(); ++i) {  // hidden states are those of wanted rows
        Rows& rows = tensors[i].second;
        rows.values.resize(rows.values.size() + static_cast<size_t>(rows.cols));
        executor.read(tensors[i].first, position % chunk, 1,
                      std::span(rows.values).last(static_cast<size_t>(rows.cols)));
      }
    });
  }
  std::vector<formats::NewTensor> out;
  for (const auto& [name, rows] : tensors) {
    out.push_back(rows.as_tensor(name));
  }
  formats::write_safetensors(o.out, out);
  return kExitOk;
}

}  // namespace

void add_logits(Options& options) {
  options.description("Writes logits, and hidden states, of given ids");
  const auto o = std::make_shared<Logits>();
  o->model.add_to(options);
  options.add("--ids", o->ids, "Token ids").required();
  options.add("--out", o->out, "File to write: F.safetensors").required().not_empty();
  options.add_flag("--all", o->all, "Every row, not the last alone");
  options.add_flag("--hidden", o->hidden, "Also hidden.embed, hidden.<i>, hidden.final");
  options.action([o] { return logits(*o); });
}

}  // namespace pio::apps
