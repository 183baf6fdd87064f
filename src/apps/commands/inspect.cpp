// SPDX-License-Identifier: Apache-2.0
// inspect: what is in a checkpoint, its plan, one tensor.
#include <cstdio>

#include "../command.h"
#include "pio/base/error.h"
#include "pio/formats/safetensors_writer.h"
#include "pio/quant/quant_type.h"

namespace pio::apps {
namespace {

struct Inspect {
  ModelOptions model;
  bool plan = false;
  bool taps = false;
  std::string tensor, out;
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
  const formats::TensorInfo& info = [&]() -> const formats::TensorInfo& {
    try {
      return checkpoint.weights->require(o.tensor);
    } catch (const Error& error) {
      throw ModelError(error);
    }
  }();
  int64_t count = 1;
  for (const int64_t dim : info.shape) {
    count *= dim;
  }
  std::vector<float> values(static_cast<size_t>(count));
  quant::traits(info.type).dequantize(info.bytes.data(), values.data(), count);
  formats::write_safetensors(o.out, {{.name = o.tensor,
                                      .dtype = "F32",
                                      .shape = info.shape,
                                      .bytes = std::as_bytes(std::span(values))}});
  return kExitOk;
}

int inspect(const Inspect& o) {
  if (o.plan) {
    return print_plans(o);
  }
  const auto checkpoint = open_model(o.model.model);
  if (!o.tensor.empty()) {
    return write_tensor(o, checkpoint);
  }
  std::string out = concat(checkpoint.path.string(), checkpoint.gguf != nullptr ? "  GGUF\n" : "  safetensors\n");
  if (checkpoint.gguf != nullptr) {
    for (const auto& entry : checkpoint.gguf->entries()) {
      const auto* text = std::get_if<std::string_view>(&entry.value.data);
      out += concat("  ", escaped(entry.key), "  ", entry.value.type_name(), "  ",
                    text != nullptr ? escaped(*text, 60) : "", "\n");
    }
  } else {
    out += checkpoint.config->raw().dump(2) + "\n";
  }
  int64_t bytes = 0;
  for (const formats::TensorInfo& info : checkpoint.weights->tensors()) {
    out += concat("  ", escaped(info.name), "  ", quant::traits(info.type).name, "  ",
                  formats::shape_text(info.shape), "\n");
    bytes += static_cast<int64_t>(info.bytes.size());
  }
  for (const formats::OtherTensor& other : checkpoint.weights->others()) {
    out += concat("  ", escaped(other.name), "  ", other.dtype, "  ", formats::shape_text(other.shape), "\n");
  }
  print(out + concat(checkpoint.weights->tensors().size(), " tensors, ", bytes, " bytes\n"));
  return kExitOk;
}

}  // namespace

void add_inspect(CLI::App& app, std::function<int()>& action) {
  app.description("What is in a checkpoint; its plan; one tensor");
  const auto o = std::make_shared<Inspect>();
  o->model.add_to(app);
  app.add_flag("--plan", o->plan, "The steps of every plan");
  app.add_flag("--hidden", o->taps, "With --plan: as logits --hidden plans it");
  auto* out = app.add_option("--out", o->out, "File to write it to: F.safetensors");
  app.add_option("--tensor", o->tensor, "A tensor to write, dequantized to f32")->needs(out);
  app.callback([o, &action] { action = [o] { return inspect(*o); }; });
}

}  // namespace pio::apps
