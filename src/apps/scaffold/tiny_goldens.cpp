// SPDX-License-Identifier: Apache-2.0
#include "apps/scaffold/tiny_goldens.h"

#include <array>
#include <vector>

#include "apps/scaffold/write_text.h"
#include "pio/base/error.h"
#include "pio/base/split_mix.h"
#include "pio/formats/safetensors_writer.h"
#include "pio/kernels/cpu/cpu_device.h"
#include "pio/plugin/decoder_plugin.h"
#include "pio/plugin/plugin_class.h"

namespace pio::apps {
namespace {

// Lengths as tools/golden/record.py has them.
constexpr std::array<int64_t, 4> kLengths = {1, 7, 33, 200};
constexpr const char* kGreedyPrompt = "p7";
constexpr int64_t kGreedyTokens = 24;

class TinyModel : public nn::Decoder {
 public:
  explicit TinyModel(const plugin::DecoderConfig& config) : nn::Decoder(config.spec()) {}
};
using TinyPlugin = plugin::DecoderPlugin<plugin::DecoderConfig, TinyModel>;

json::Array as_json(const std::vector<int32_t>& ids) {
  json::Array out;
  for (const int32_t id : ids) {
    out.emplace_back(int64_t{id});
  }
  return out;
}

std::vector<int32_t> prompt(int64_t length, int64_t vocab) {
  std::vector<int32_t> out;
  auto state = static_cast<uint64_t>(length);
  for (int64_t i = 0; i < length; ++i) {
    out.push_back(
        static_cast<int32_t>(split_mix(state += kSplitMixStep) % static_cast<uint64_t>(vocab)));
  }
  return out;
}

struct Numbers {
  std::string name;
  std::vector<float> values;
  int64_t cols;
};

// The logits behind a prompt, and what every layer gives in `rows` of it.
void record(plugin::CausalLMPlugin& model, const std::string& name, const std::vector<int32_t>& ids,
            const std::vector<int32_t>& rows, std::vector<Numbers>& out) {
  auto session = model.session();
  std::vector<float> last;
  session.score(ids,
                [&](int64_t, std::span<const float> row) { last.assign(row.begin(), row.end()); });
  out.push_back({name + ".logits", last, static_cast<int64_t>(last.size())});
  for (const auto& output : model.runner().plans().plans().front().outputs) {
    if (!output.name.starts_with("hidden.")) {
      continue;
    }
    const auto width = static_cast<size_t>(output.view.cols);
    Numbers tap{concat(name, ".", output.name), std::vector<float>(rows.size() * width),
                output.view.cols};
    for (size_t r = 0; r < rows.size(); ++r) {
      model.runner().executor().read(output.name, rows[r], 1,
                                     std::span(tap.values).subspan(r * width, width));
    }
    out.push_back(std::move(tap));
  }
}

void write_numbers(const std::filesystem::path& path, const std::vector<Numbers>& numbers) {
  std::vector<formats::NewTensor> tensors;
  for (const Numbers& one : numbers) {
    tensors.push_back({.name = one.name,
                       .dtype = "F32",
                       .shape = {static_cast<int64_t>(one.values.size()) / one.cols, one.cols},
                       .bytes = std::as_bytes(std::span(one.values))});
  }
  formats::write_safetensors(path, tensors);
}

std::vector<int32_t> greedy(plugin::CausalLMPlugin& model, const std::vector<int32_t>& ids) {
  generation::Request request;
  request.ids = ids;
  request.max_tokens = kGreedyTokens;
  request.ignore_eos = true;
  return model.infer(std::move(request)).ids;
}

}  // namespace

void write_tiny_goldens(const std::filesystem::path& folder, const std::string& origin) {
  TinyPlugin model;
  model.initialize({{"model_path", folder.string()}});
  plugin::LoadOptions options{
      .weights = plugin::WeightFormat::kF32, .kv_type = plan::KvType::kF32, .taps = true};
  options.device = std::make_shared<kernels::CpuDevice>(std::make_shared<ThreadPool>(1),
                                                        kernels::Isa::kReference);
  model.load_model(options);
  const int64_t vocab = model.runner().vocab();
  json::Object prompts;
  json::Object rows;
  json::Value greedy_ids;
  std::vector<Numbers> numbers;
  for (const int64_t length : kLengths) {
    const std::string name = concat("p", length);
    const auto ids = prompt(length, vocab);
    const auto last = static_cast<int32_t>(length - 1);
    const std::vector<int32_t> recorded =
        length == 1 ? std::vector<int32_t>{0}
                    : std::vector<int32_t>{static_cast<int32_t>(length / 2), last};
    record(model, name, ids, recorded, numbers);
    prompts.emplace_back(name, as_json(ids));
    rows.emplace_back(name, as_json(recorded));
    if (name == kGreedyPrompt) {
      greedy_ids = as_json(greedy(model, ids));
    }
  }
  const auto& config = dynamic_cast<const plugin::DecoderConfig&>(model.config());
  const json::Object facts = {
      {"note", concat("a tiny checkpoint of the form of ", origin)},
      {"source", "self-made"},
      {"model", "."},
      {"reference",
       "this engine's scalar kernels, the weights widened to f32: replace it with "
       "`python tools/make_golden.py folder`"},
      {"layers", config.num_layers},
      {"rows", std::move(rows)},
      {"greedy", json::Object{{"prompt", kGreedyPrompt}, {"ids", std::move(greedy_ids)}}},
      {"prompts", std::move(prompts)}};
  write_numbers(folder / "golden.safetensors", numbers);
  write_text(folder / "golden.json", json::Value(facts).dump(2) + "\n");
}

}  // namespace pio::apps
