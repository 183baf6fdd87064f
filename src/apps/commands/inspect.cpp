// SPDX-License-Identifier: Apache-2.0
// inspect: what is in a checkpoint, its plan, one tensor.
#include "../command.h"
#include "checkpoint_facts.h"
#include "pio/base/error.h"
#include "pio/formats/safetensors_writer.h"
#include "pio/plugin/model_plugin.h"
#include "pio/quant/quant_type.h"

namespace pio::apps {
namespace {

struct Inspect {
  ModelOptions model;
  bool plan = false;
  bool taps = false;
  bool json = false;
  std::optional<std::string> tensor;
  std::string out;
};

int print_plans(const Inspect& o) {
  plugin::LoadOptions load = o.model.load_options();
  load.taps = o.taps;
  const auto model = load_model(o.model, load);
  for (const plan::Plan& plan : model->runner().plans().plans()) {
    print(plan::to_string(plan));
  }
  return kExitOk;
}

int write_tensor(const Inspect& o, const formats::Checkpoint& checkpoint) {
  constexpr int64_t kPiece = int64_t{1} << 16;  // a multiple of every format's block
  const formats::TensorInfo& info = [&]() -> const formats::TensorInfo& {
    try {
      return checkpoint.weights->require(*o.tensor);
    } catch (const Error& error) {
      throw ModelError(error);
    }
  }();
  const int64_t count = info.count();
  formats::SafetensorsWriter writer(o.out, {{info.name, "F32", info.shape}});
  std::vector<float> values(static_cast<size_t>(std::min(count, kPiece)));
  for (int64_t at = 0; at < count; at += kPiece) {
    const int64_t size = std::min(kPiece, count - at);
    const auto piece = std::span(values).first(static_cast<size_t>(size));
    quant::traits(info.type).dequantize(info.bytes.data() + quant::size_bytes(info.type, at), piece.data(), size);
    writer.append(std::as_bytes(piece));
  }
  writer.commit();
  return kExitOk;
}

int inspect(const Inspect& o) {
  if (o.plan) {
    return print_plans(o);
  }
  const auto checkpoint = open_model(o.model.model);
  if (o.tensor) {
    return write_tensor(o, checkpoint);
  }
  print(o.json ? json::Value(checkpoint_facts(checkpoint)).dump() + "\n" : checkpoint_text(checkpoint));
  return kExitOk;
}

}  // namespace

void add_inspect(Options& options) {
  options.description("What is in a checkpoint; its plan; one tensor");
  const auto o = std::make_shared<Inspect>();
  o->model.add_to(options);
  const auto plan = options.add_flag("--plan", o->plan, "The steps of every plan");
  options.add_flag("--hidden", o->taps, "With --plan: as logits --hidden plans it").needs(plan);
  const auto tensor =
      options.add("--tensor", o->tensor, "A tensor to write, dequantized to f32").excludes(plan);
  const auto out =
      options.add("--out", o->out, "File to write it to: F.safetensors").not_empty().needs(tensor);
  tensor.needs(out);
  options.add_flag("--json", o->json, "As JSON").excludes(plan).excludes(tensor);
  options.action([o] { return inspect(*o); });
}

}  // namespace pio::apps
