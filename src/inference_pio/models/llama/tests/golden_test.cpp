// SPDX-License-Identifier: Apache-2.0
// Every tiny checkpoint under golden/ against the numbers of transformers' fp32 forward.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "pio/base/mmap_file.h"
#include "pio/formats/safetensors.h"
#include "pio/plugin/model_factory.h"

namespace pio {
namespace {

namespace fs = std::filesystem;

const fs::path kGolden = "src/inference_pio/models/llama/tests/golden";

struct Case {
  explicit Case(const fs::path& folder)
      : numbers((folder / "golden.safetensors").string()), text(folder / "golden.json") {
    const MmapFile& file = text;
    facts = json::parse_value({reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()},
                              file.path());
    model = folder / facts.find("model")->as_string();
  }
  formats::SafetensorsFile numbers;
  MmapFile text;
  json::Value facts;
  fs::path model;
};

std::vector<int32_t> ids_of(const json::Value& list) {
  std::vector<int32_t> out;
  for (const json::Value& id : list.as_array()) {
    out.push_back(static_cast<int32_t>(id.as_integer()));
  }
  return out;
}

std::vector<float> numbers_of(const formats::TensorInfo& info) {
  std::vector<float> out(info.bytes.size() / 4);
  std::memcpy(out.data(), info.bytes.data(), info.bytes.size());
  return out;
}

std::unique_ptr<plugin::CausalLMPlugin> load(const fs::path& path, plugin::LoadOptions options) {
  options.weights = plugin::WeightFormat::kF32;
  options.kv_type = kernels::KvType::kF32;
  auto made = plugin::model_factory().create("llama", path, {}, options);
  return std::unique_ptr<plugin::CausalLMPlugin>(dynamic_cast<plugin::CausalLMPlugin*>(made.release()));
}

class Golden : public testing::TestWithParam<std::string> {};

TEST_P(Golden, LogitsAndHiddenStates) {
  const Case golden(kGolden / GetParam());
  const auto model = load(golden.model, {.taps = true});
  auto& executor = model->runner().executor();
  for (const auto& [name, list] : golden.facts.find("prompts")->as_object()) {
    const auto ids = ids_of(list);
    auto session = model->session();
    std::vector<float> last;
    session.score(ids, [&](int64_t, std::span<const float> logits) {
      last.assign(logits.begin(), logits.end());
    });
    for (const formats::TensorInfo& info : golden.numbers.tensors()) {
      if (!info.name.starts_with(name + ".")) {
        continue;
      }
      const std::string what = info.name.substr(name.size() + 1);
      const auto expected = numbers_of(info);
      double worst = 0;
      if (what == "logits") {
        ASSERT_EQ(expected.size(), last.size());
        for (size_t i = 0; i < last.size(); ++i) {
          worst = std::max(worst, std::abs(static_cast<double>(expected[i]) - static_cast<double>(last[i])));
        }
      } else {
        const auto rows = ids_of(*golden.facts.find("rows")->find(name));
        const auto width = static_cast<size_t>(info.shape.back());
        std::vector<float> got(width);
        for (size_t r = 0; r < rows.size(); ++r) {
          executor.read(what, rows[r], 1, got);
          for (size_t i = 0; i < width; ++i) {
            worst = std::max(worst, std::abs(static_cast<double>(expected[r * width + i]) -
                                             static_cast<double>(got[i])));
          }
        }
      }
      EXPECT_LE(worst, 1e-3) << GetParam() << " " << info.name;
    }
  }
}

TEST_P(Golden, GreedyTokens) {
  const Case golden(kGolden / GetParam());
  const json::Value* greedy = golden.facts.find("greedy");
  const auto model = load(golden.model, {});
  generation::Request request;
  request.ids = ids_of(*golden.facts.find("prompts")->find(greedy->find("prompt")->as_string()));
  request.max_tokens = 24;
  request.ignore_eos = true;
  EXPECT_EQ(model->infer(std::move(request)).ids, ids_of(*greedy->find("ids")));
}

std::vector<std::string> cases() {
  std::vector<std::string> out;
  for (const auto& entry : fs::directory_iterator(kGolden)) {
    out.push_back(entry.path().filename());
  }
  std::ranges::sort(out);
  return out;
}

INSTANTIATE_TEST_SUITE_P(Llama, Golden, testing::ValuesIn(cases()),
                         [](const auto& param) { return param.param; });

}  // namespace
}  // namespace pio
