// SPDX-License-Identifier: Apache-2.0
// How far SmolLM2 is from its dequantized weights in fp32: perplexity of a text, and the logits and
// hidden states of three prompts. The bars are llama.cpp's own distances (peers.json) with the
// stated room.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

#include "model/smollm2_golden.h"
#include "pio/plugin/load_causal.h"

namespace pio {
namespace {

using test::kSmolLM2;
using test::number;
using test::values;

class SmolLM2Quality : public testing::Test {
 protected:
  void SetUp() override {
    const char* path = std::getenv("PIO_TEST_MODEL");
    if (path == nullptr) {
      GTEST_SKIP() << "PIO_TEST_MODEL names no checkpoint";
    }
    path_ = path;
  }
  [[nodiscard]] std::shared_ptr<plugin::CausalLMPlugin> load(plugin::LoadOptions options) const {
    options.context = 512;
    return plugin::load_causal(plugin::model_factory(), "llama", path_, options);
  }
  std::filesystem::path path_;
};

// What one window of the text adds.
struct Window {
  double loss = 0;
  int64_t unlike =
      0;  // rows whose best id differs though the reference prefers its own by more than 0.3
};

Window score(plugin::CausalLMPlugin& model, std::span<const int32_t> ids,
             std::span<const int32_t> argmax, std::span<const float> margin) {
  Window out;
  auto session = model.session();
  session.score(ids, [&](int64_t position, std::span<const float> logits) {
    const auto row = static_cast<size_t>(position);
    if (row + 1 == ids.size()) {
      return;
    }
    out.loss +=
        test::log_sum_exp(logits) - static_cast<double>(logits[static_cast<size_t>(ids[row + 1])]);
    const auto best = std::ranges::max_element(logits) - logits.begin();
    out.unlike += best != argmax[row] && margin[row] > 0.3f ? 1 : 0;
  });
  return out;
}

TEST_F(SmolLM2Quality, PerplexityOfAText) {
  const auto facts = test::read_json(kSmolLM2 / "perplexity.json");
  const auto peers = test::read_json(kSmolLM2 / "peers.json");
  const formats::SafetensorsFile numbers(kSmolLM2 / "perplexity.safetensors");
  const auto ids = values<int32_t>(numbers, "ids");
  const auto argmax = values<int32_t>(numbers, "argmax");
  const auto margin = values<float>(numbers, "margin");
  const auto logprob = values<float>(numbers, "logprob");
  const auto model = load({});
  EXPECT_EQ(model->text().tokenizer->encode(test::read_text("tests/data/alice.txt")), ids);

  const auto context = static_cast<size_t>(number(facts, {"ctx"}));
  const auto windows = static_cast<size_t>(number(facts, {"windows"}));
  const auto& per_window = facts.find("per_window")->as_array();
  ASSERT_EQ(per_window.size(), windows);
  double loss = 0;
  double reference = 0;
  double worst = 0;
  int64_t unlike = 0;
  int64_t unlike_in_24 = 0;
  for (size_t w = 0; w < windows; ++w) {
    const size_t rows = context - 1;
    const Window window =
        score(*model, std::span(ids).subspan(w * context, context),
              std::span(argmax).subspan(w * rows, rows), std::span(margin).subspan(w * rows, rows));
    loss += window.loss;
    unlike += window.unlike;
    unlike_in_24 += w < 24 ? window.unlike : 0;
    double expected = 0;
    for (const float value : std::span(logprob).subspan(w * rows, rows)) {
      expected -= static_cast<double>(value);
    }
    reference += expected;
    const auto count = static_cast<double>(rows);
    EXPECT_NEAR(std::exp(expected / count), per_window[w].as_double(), 1e-4);
    worst = std::max(worst, std::exp((window.loss - expected) / count) - 1.0);
  }
  const auto count = static_cast<double>(windows * (context - 1));
  EXPECT_NEAR(std::exp(reference / count), number(facts, {"perplexity"}), 1e-4);
  const double gap = 100.0 * (std::exp((loss - reference) / count) - 1.0);
  std::cout << "perplexity " << std::exp(loss / count) << ", " << gap
            << " % above fp32; worst window " << 100.0 * worst
            << " %; best id differs at margin > 0.3: " << unlike << ", " << unlike_in_24
            << " in the first 24 windows\n";
  EXPECT_LE(gap, 0.4);
  EXPECT_LE(gap, number(peers, {"perplexity_all_windows", "gap_percent"}) + 0.05);
  EXPECT_LE(100.0 * worst, 1.25);  // one window of 511 rows is noise around that
  EXPECT_LE(unlike_in_24, number(peers, {"default", "argmax_differs_margin_over_0.3"}));
}

// KL(reference || ours) over the reference's best 64 ids, each side made to sum to 1 there.
double divergence(std::span<const float> reference, std::span<const float> ours) {
  const double a = test::log_sum_exp(reference);
  const double b = test::log_sum_exp(ours);
  double out = 0;
  for (size_t i = 0; i < reference.size(); ++i) {
    const double p = static_cast<double>(reference[i]) - a;
    out += std::exp(p) * (p - (static_cast<double>(ours[i]) - b));
  }
  return out;
}

std::vector<float> picked(std::span<const float> row, const std::vector<int32_t>& ids) {
  std::vector<float> out;
  for (const int32_t id : ids) {
    out.push_back(row[static_cast<size_t>(id)]);
  }
  return out;
}

TEST_F(SmolLM2Quality, LogitsOfPrompts) {
  const auto facts = test::read_json(kSmolLM2 / "logits.json");
  const auto peers = test::read_json(kSmolLM2 / "peers.json");
  const formats::SafetensorsFile numbers(kSmolLM2 / "logits.safetensors");
  const auto sample_ids = values<int32_t>(numbers, "sample_ids");
  const auto model = load({});
  double sum = 0;
  const auto& prompts = facts.find("prompts")->as_object();
  for (const auto& [name, list] : prompts) {
    auto session = model->session();
    const auto row = session.prefill(test::ids_of(list));
    const auto kl = divergence(values<float>(numbers, name + ".top_values"),
                               picked(row, values<int32_t>(numbers, name + ".top_ids")));
    const double off = test::relative_distance(values<float>(numbers, name + ".sample_values"),
                                               picked(row, sample_ids));
    std::cout << name << ": KL " << kl << ", sampled logits " << off << " off\n";
    EXPECT_LE(kl, number(peers, {"default", "kl_max"})) << name;
    EXPECT_LE(off, 0.05) << name;
    sum += kl;
  }
  EXPECT_LE(sum / static_cast<double>(prompts.size()), 2 * number(peers, {"default", "kl_mean"}));
}

// Without any rounding of weights, activations or cache, only the order of sums is ours.
TEST_F(SmolLM2Quality, LayersAndLogitsInF32) {
  const auto facts = test::read_json(kSmolLM2 / "logits.json");
  const formats::SafetensorsFile numbers(kSmolLM2 / "logits.safetensors");
  const auto sample_ids = values<int32_t>(numbers, "sample_ids");
  const auto model =
      load({.weights = plugin::WeightFormat::kF32, .kv_type = plan::KvType::kF32, .taps = true});
  size_t layers = 0;
  for (const auto& [name, list] : facts.find("prompts")->as_object()) {
    const auto ids = test::ids_of(list);
    std::vector<float> row;
    auto session = model->session();
    session.score(ids, [&](int64_t, std::span<const float> logits) {
      row.assign(logits.begin(), logits.end());
    });
    EXPECT_LE(test::relative_distance(values<float>(numbers, name + ".sample_values"),
                                      picked(row, sample_ids)),
              1e-4)
        << name;
    EXPECT_LE(test::relative_distance(values<float>(numbers, name + ".top_values"),
                                      picked(row, values<int32_t>(numbers, name + ".top_ids"))),
              1e-4)
        << name;
    for (const formats::TensorInfo& info : numbers.tensors()) {
      if (info.name.starts_with(name + ".hidden.")) {
        std::vector<float> got(static_cast<size_t>(info.shape.back()));
        model->runner().executor().read(info.name.substr(name.size() + 1),
                                        static_cast<int64_t>(ids.size()) - 1, 1, got);
        EXPECT_LE(test::relative_distance(values<float>(numbers, info.name), got), 1e-4)
            << info.name;
        ++layers;
      }
    }
  }
  EXPECT_EQ(layers, 32u);
}

}  // namespace
}  // namespace pio
