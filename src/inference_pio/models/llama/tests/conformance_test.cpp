// SPDX-License-Identifier: Apache-2.0
// check_model itself: it finds its goldens from anywhere, and none, or broken ones, are never a
// pass.
#include "pio/plugin/conformance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <set>

#include "pio/base/mmap_file.h"
#include "pio/formats/hostile_test_support.h"
#include "pio/formats/safetensors_writer.h"
#include "pio/plugin/golden_case.h"

namespace pio::plugin {
namespace {

using formats::TempFolder;
using testing::HasSubstr;

const std::filesystem::path kGolden = "src/inference_pio/models/llama/tests/golden";

std::vector<CheckResult> failures(std::vector<CheckResult> results) {
  std::erase_if(results, [](const auto& r) { return r.status != CheckStatus::kFailed; });
  return results;
}

// The only failure says `message`, in the result called `name`.
void expect_failure(const std::vector<CheckResult>& results, const std::string& name,
                    const std::string& message) {
  const auto failed = failures(results);
  ASSERT_EQ(failed.size(), 1u) << failed.front().detail;
  EXPECT_EQ(failed.front().name, name);
  EXPECT_THAT(failed.front().detail, HasSubstr(message));
}

void expect_not_found(const std::filesystem::path& goldens, const std::string& message) {
  try {
    static_cast<void>(check_model(model_factory(), "llama", {.goldens = goldens}));
    ADD_FAILURE() << "accepted " << goldens;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kNotFound);
    EXPECT_THAT(error.what(), HasSubstr(message));
  }
}

TEST(CheckModel, GoldensThatWereGivenMustBeThere) {
  const TempFolder empty;
  expect_not_found("/nonexist", "/nonexist is not a folder");
  expect_not_found(empty.path(), "no case under " + empty.path().string());
}

TEST(CheckModel, OneCaseMayBeGiven) {
  const auto results = check_model(model_factory(), "llama", {.goldens = kGolden / "llama_tied"});
  EXPECT_TRUE(failures(results).empty()) << failures(results).front().detail;
  std::set<std::string> names;
  for (const CheckResult& result : results) {
    names.insert(result.name.substr(0, result.name.find(" llama_tied")));
  }
  EXPECT_EQ(names, (std::set<std::string>{"initialize", "config round-trip", "names and shapes",
                                          "finite weights", "layers and logits", "greedy ids",
                                          "prefill = decode", "prompt chunks", "batch mix",
                                          "thread counts", "quantized drift", "unit tests",
                                          "checkpoint"}));
}

TEST(CheckModel, FindsItsGoldensFromAnyFolder) {
  const auto here = std::filesystem::current_path();
  std::filesystem::current_path("/");
  const auto results = check_model(model_factory(), "llama_plain", {});
  std::filesystem::current_path(here);
  EXPECT_TRUE(failures(results).empty()) << failures(results).front().detail;
  EXPECT_GT(results.size(), 20u);
}

TEST(CheckModel, ACausalArchitectureWithoutGoldensFails) {
  const TempFolder source;
  const PluginClass llama = model_factory().find("llama").plugin;
  ModelFactory factory;
  factory.register_plugin("by_hand", llama);
  factory.add(Manifest{.name = "bare"}, llama, source.path());
  factory.add(Manifest{.name = "moved"}, llama, source.path() / "gone");
  factory.register_plugin("generic", plugin_class<ModelPluginInterface>());
  expect_failure(check_model(factory, "by_hand", {}), "goldens", "registered without a folder");
  expect_failure(check_model(factory, "bare", {}), "goldens", "tests/golden is not a folder");
  expect_failure(check_model(factory, "moved", {}), "goldens",
                 "the source folder " + (source.path() / "gone").string() + " is gone");
  std::filesystem::create_directories(source.path() / "tests/golden");
  expect_failure(check_model(factory, "bare", {}), "goldens", "no case under");
  EXPECT_TRUE(failures(check_model(factory, "generic", {})).empty());
}

// A copy of a case whose numbers went through `change`.
using Tensors = std::vector<formats::NewTensor>;
std::vector<CheckResult> with_numbers(const std::function<void(Tensors&)>& change) {
  const TempFolder folder;
  const auto golden_case = folder.path() / "case";
  std::filesystem::copy(kGolden / "llama_tied", golden_case);
  Tensors tensors;
  const formats::SafetensorsFile numbers(kGolden / "llama_tied/golden.safetensors");
  for (const formats::TensorInfo& info : numbers.tensors()) {
    tensors.push_back(
        {.name = info.name, .dtype = "F32", .shape = info.shape, .bytes = info.bytes});
  }
  change(tensors);
  formats::write_safetensors(golden_case / "golden.safetensors", tensors);
  auto results = check_model(model_factory(), "llama", {.goldens = golden_case});
  // The drift reads the logits too: one failure is enough.
  std::erase_if(results, [](const auto& r) { return r.name.starts_with("quantized drift"); });
  return results;
}

formats::NewTensor& find(Tensors& tensors, std::string_view name) {
  return *std::ranges::find(tensors, name, &formats::NewTensor::name);
}
void drop(Tensors& tensors, std::string_view name) {
  std::erase_if(tensors, [&](const auto& tensor) { return tensor.name == name; });
}

TEST(CheckModel, BrokenGoldensFail) {
  const std::string name = concat("layers and logits case ", kernels::name(kernels::default_isa()));
  expect_failure(with_numbers([](Tensors& t) {
                   find(t, "p7.logits").shape = {1, 2};
                   find(t, "p7.logits").bytes = find(t, "p7.logits").bytes.first(8);
                 }),
                 name, "p7.logits is F32 [1, 2], expected F32 [1, 256]");
  expect_failure(with_numbers([](Tensors& t) {
                   find(t, "p7.hidden.0").shape = {64, 2};
                 }),
                 name, "p7.hidden.0 is F32 [64, 2], expected F32 [2, 64]");
  expect_failure(with_numbers([](Tensors& t) {
                   find(t, "p33.logits").dtype = "BF16";
                   find(t, "p33.logits").shape = {1, 512};
                 }),
                 name, "p33.logits is BF16 [1, 512]");
  expect_failure(with_numbers([](Tensors& t) { t.clear(); }), name, "\"p1.logits\" is missing");
  expect_failure(with_numbers([](Tensors& t) { drop(t, "p1.logits"); }), name,
                 "\"p1.logits\" is missing");
  expect_failure(with_numbers([](Tensors& t) { drop(t, "p200.hidden.2"); }), name,
                 "\"p200.hidden.2\" is missing");
}

// The numbers of one tensor, changed, in memory of their own.
std::vector<float> moved(const formats::NewTensor& tensor, float by) {
  std::vector<float> out(tensor.bytes.size() / sizeof(float));
  std::memcpy(out.data(), tensor.bytes.data(), tensor.bytes.size());
  out.front() += by;
  return out;
}

TEST(CheckModel, SaysWhichPartDepartsFirst) {
  const std::string name = concat("layers and logits case ", kernels::name(kernels::default_isa()));
  std::vector<std::vector<float>> kept;
  const auto move = [&](Tensors& t, const char* tensor, float by) {
    kept.push_back(moved(find(t, tensor), by));
    find(t, tensor).bytes = std::as_bytes(std::span(kept.back()));
  };
  expect_failure(with_numbers([&](Tensors& t) { move(t, "p7.hidden.1", 0.25f); }), name,
                 "hidden.1 departs first: layer 1 is 0.2");
  expect_failure(with_numbers([&](Tensors& t) {
                   move(t, "p33.hidden.1", 0.25f);
                   move(t, "p7.hidden.2", -2.0f);
                   move(t, "p1.logits", 0.5f);
                 }),
                 name, " off in prompt p33, allowed: 0.001; hidden.0 before it is ");
  expect_failure(with_numbers([&](Tensors& t) {
                   move(t, "p33.hidden.1", 0.25f);
                   move(t, "p7.hidden.2", -2.0f);
                 }),
                 name, "; furthest is hidden.2, ");
  expect_failure(
      with_numbers([&](Tensors& t) { move(t, "p200.hidden.embed", NAN); }), name,
      "hidden.embed departs first: the embedding is nan off in prompt p200, allowed: 0.001");
  expect_failure(with_numbers([&](Tensors& t) { move(t, "p7.hidden.final", 1.0f); }), name,
                 "hidden.final departs first: the final norm is ");
  expect_failure(with_numbers([&](Tensors& t) { move(t, "p7.logits", 1.0f); }), name,
                 "logits departs first: the head is ");
}

// A case whose checkpoint went through `change`; all checks that load it fail alike.
std::string with_weights(const std::function<void(Tensors&)>& change) {
  const TempFolder folder;
  const auto golden_case = folder.path() / "case";
  std::filesystem::copy(kGolden / "llama_tied", golden_case);
  Tensors tensors;
  const formats::SafetensorsFile weights(kGolden / "llama_tied/model.safetensors");
  for (const formats::TensorInfo& info : weights.tensors()) {
    tensors.push_back(
        {.name = info.name, .dtype = "BF16", .shape = info.shape, .bytes = info.bytes});
  }
  change(tensors);
  formats::write_safetensors(golden_case / "model.safetensors", tensors);
  const auto failed = failures(check_model(model_factory(), "llama", {.goldens = golden_case}));
  EXPECT_FALSE(failed.empty());
  for (const CheckResult& result : failed) {
    if (result.name.starts_with("names and shapes") ||
        result.name.starts_with("layers and logits")) {
      return result.detail;
    }
  }
  return "";
}

TEST(CheckModel, NamesMissingAndMisshapenParametersWithTheirShapes) {
  EXPECT_THAT(with_weights([](Tensors& t) { drop(t, "model.layers.1.self_attn.k_proj.weight"); }),
              HasSubstr("missing model.layers.1.self_attn.k_proj.weight [32, 64]"));
  EXPECT_THAT(
      with_weights([](Tensors& t) {
        find(t, "model.layers.0.mlp.up_proj.weight").shape = {64, 96};
      }),
      HasSubstr(
          "misshapen model.layers.0.mlp.up_proj.weight: expected [96, 64], file has [64, 96]"));
}

TEST(CheckModel, ALayerWithOtherWeightsIsTheFirstToDepart) {
  EXPECT_THAT(with_weights([](Tensors& t) {
                std::swap(find(t, "model.layers.1.mlp.gate_proj.weight").bytes,
                          find(t, "model.layers.2.mlp.gate_proj.weight").bytes);
              }),
              HasSubstr("hidden.1 departs first: layer 1 is "));
}

TEST(CheckModel, SaysWhichTokenIsAnother) {
  const TempFolder folder;
  const auto golden_case = folder.path() / "case";
  std::filesystem::copy(kGolden / "llama_tied", golden_case);
  std::string facts(MmapFile(golden_case / "golden.json").text());
  facts.replace(facts.find("[95, 39, 198"), 12, "[95, 39, 199");
  folder.write("case/golden.json", facts);
  expect_failure(check_model(model_factory(), "llama", {.goldens = golden_case}),
                 concat("greedy ids case ", kernels::name(kernels::default_isa())),
                 "token 2 is 198, the reference's is 199");
}

// M10: one that throws anything while it is made is a failed check, and the others go on.
TEST(CheckModel, M10AnArchitectureThatThrowsFails) {
  struct Throwing : ModelPluginInterface {
    void initialize(const json::Object&) override { throw std::runtime_error("out of order"); }
  };
  ModelFactory factory;
  factory.register_plugin("throwing", plugin_class<Throwing>());
  factory.register_plugin("generic", plugin_class<ModelPluginInterface>());
  expect_failure(check_model(factory, "throwing", {}), "initialize", "out of order");
  EXPECT_TRUE(failures(check_model(factory, "generic", {})).empty());
}

TEST(CheckModel, WrongNumbersFail) {
  const std::string name = concat("layers and logits case ", kernels::name(kernels::default_isa()));
  expect_failure(with_numbers([](Tensors& t) {
                   std::swap(find(t, "p33.hidden.0").bytes, find(t, "p33.hidden.1").bytes);
                 }),
                 name, "hidden.0 departs first");
}

}  // namespace
}  // namespace pio::plugin
