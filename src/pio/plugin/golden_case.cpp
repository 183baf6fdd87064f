// SPDX-License-Identifier: Apache-2.0
#include "pio/plugin/golden_case.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "pio/base/error.h"
#include "pio/base/mmap_file.h"
#include "pio/quant/quant_type.h"

namespace pio::plugin {
namespace {

json::Value read_json(const std::filesystem::path& path) {
  const MmapFile file(path);
  return json::parse_value(file.text(), file.path());
}

const json::Value& member(const json::Value& value, std::string_view key) {
  const json::Value* found = value.find(key);
  if (found == nullptr) {
    fail(ErrorCode::kBadFile, concat("golden.json: key \"", key, "\" is missing"));
  }
  return *found;
}

std::vector<int32_t> ids_of(const json::Value& list) {
  std::vector<int32_t> out;
  for (const json::Value& id : list.as_array()) {
    out.push_back(static_cast<int32_t>(id.as_integer()));
  }
  return out;
}

// Whether `value` is worse than the worst so far; a NaN is the worst there is, and stays.
bool is_worse(double value, double worst) { return !std::isnan(worst) && !(value <= worst); }

double difference(std::span<const float> expected, std::span<const float> got) {
  double worst = 0;
  for (size_t i = 0; i < got.size(); ++i) {
    const double here = std::abs(static_cast<double>(expected[i]) - static_cast<double>(got[i]));
    worst = is_worse(here, worst) ? here : worst;
  }
  return worst;
}

// Behind the last id of a prompt, which is one step: hidden states can be read of that alone.
std::vector<float> last_logits(CausalLMPlugin& model, const std::vector<int32_t>& ids) {
  PIO_CHECK(static_cast<int64_t>(ids.size()) <= model.runner().options().chunk, "[golden] a prompt of ",
            ids.size(), " ids, chunks have ", model.runner().options().chunk);
  auto session = model.session();
  std::vector<float> last;
  session.score(ids, [&](int64_t, std::span<const float> row) { last.assign(row.begin(), row.end()); });
  return last;
}

}  // namespace

GoldenCase::GoldenCase(const std::filesystem::path& folder)
    : numbers_(folder / "golden.safetensors"),
      facts_(read_json(folder / "golden.json")),
      model_((folder / member(facts_, "model").as_string()).lexically_normal()) {
  if (prompts().empty()) {
    fail(ErrorCode::kBadFile, concat(escaped((folder / "golden.json").string()), ": \"prompts\" is empty"));
  }
}

std::vector<std::string> GoldenCase::prompts() const {
  std::vector<std::string> out;
  for (const auto& entry : member(facts_, "prompts").as_object()) {
    out.push_back(entry.first);
  }
  return out;
}

std::vector<int32_t> GoldenCase::prompt(const std::string& name) const {
  return ids_of(member(member(facts_, "prompts"), name));
}

std::vector<float> GoldenCase::numbers(const std::string& name, int64_t rows, int64_t cols) const {
  const formats::TensorInfo& info = numbers_.require(name);
  if (info.type != quant::QuantType::kF32 || info.shape != std::vector<int64_t>{rows, cols}) {
    fail(ErrorCode::kBadFile,
         concat(escaped(numbers_.path()), ": ", escaped(name), " is ", quant::traits(info.type).name, " ",
                formats::shape_text(info.shape), ", expected F32 ", formats::shape_text({rows, cols})));
  }
  std::vector<float> out(static_cast<size_t>(rows * cols));
  std::memcpy(out.data(), info.bytes.data(), out.size() * sizeof(float));
  return out;
}

std::vector<int32_t> GoldenCase::rows(const std::string& prompt, int64_t length) const {
  auto out = ids_of(member(member(facts_, "rows"), prompt));
  for (const int32_t row : out) {
    if (row < 0 || row >= length) {
      fail(ErrorCode::kBadFile, concat("golden.json: \"rows.", escaped(prompt), "\" names row ", row,
                                       " of a prompt of ", length, " ids"));
    }
  }
  return out;
}

GoldenDifference GoldenCase::compare(CausalLMPlugin& model) const {
  std::vector<plan::OutputView> taps;
  for (const plan::OutputView& output : model.runner().plans().plans().front().outputs) {
    if (output.name.starts_with("hidden.")) {
      taps.push_back(output);
    }
  }
  const int64_t wanted = member(facts_, "layers").as_integer() + 2;  // embed and final
  if (static_cast<int64_t>(taps.size()) != wanted) {
    fail(ErrorCode::kBadFile, concat("golden.json: \"layers\" wants ", wanted, " hidden states, the model has ",
                                     taps.size()));
  }
  GoldenDifference out;
  for (const plan::OutputView& tap : taps) {
    out.tensors.push_back({.name = tap.name});
  }
  out.tensors.push_back({.name = "logits"});
  const auto note = [&](TensorDifference& tensor, const std::string& prompt, double value) {
    ++out.compared;
    if (tensor.prompt.empty() || is_worse(value, tensor.worst)) {
      tensor.worst = value;
      tensor.prompt = prompt;
    }
  };
  for (const std::string& name : prompts()) {
    const auto ids = prompt(name);
    const auto logits = last_logits(model, ids);
    note(out.tensors.back(), name,
         difference(numbers(name + ".logits", 1, static_cast<int64_t>(logits.size())), logits));
    const auto recorded = rows(name, static_cast<int64_t>(ids.size()));
    for (size_t i = 0; i < taps.size(); ++i) {
      const plan::OutputView& tap = taps[i];
      const auto count = static_cast<int64_t>(recorded.size());
      const auto width = static_cast<size_t>(tap.view.cols);
      const auto expected = numbers(concat(name, ".", tap.name), count, tap.view.cols);
      std::vector<float> got(expected.size());
      for (size_t r = 0; r < recorded.size(); ++r) {
        model.runner().executor().read(tap.name, recorded[r], 1, std::span(got).subspan(r * width, width));
      }
      note(out.tensors[i], name, difference(expected, got));
    }
  }
  return out;
}

const TensorDifference& GoldenDifference::worst() const {
  const TensorDifference* out = nullptr;
  for (const TensorDifference& tensor : tensors) {
    if (out == nullptr || is_worse(tensor.worst, out->worst)) {
      out = &tensor;
    }
  }
  if (out == nullptr) {
    fail(ErrorCode::kInternal, "[golden] nothing was compared");
  }
  return *out;
}

const TensorDifference* GoldenDifference::first_above(double most) const {
  for (const TensorDifference& tensor : tensors) {
    if (!(tensor.worst <= most)) {  // a NaN is above
      return &tensor;
    }
  }
  return nullptr;
}

double GoldenCase::logit_drift(CausalLMPlugin& model) const {
  double off = 0;
  double length = 0;
  for (const std::string& name : prompts()) {
    const auto got = last_logits(model, prompt(name));
    const auto expected = numbers(name + ".logits", 1, static_cast<int64_t>(got.size()));
    for (size_t i = 0; i < got.size(); ++i) {
      const double gap = static_cast<double>(got[i]) - static_cast<double>(expected[i]);
      off += gap * gap;
      length += static_cast<double>(expected[i]) * static_cast<double>(expected[i]);
    }
  }
  return std::sqrt(off / length);
}

GreedyIds GoldenCase::greedy(CausalLMPlugin& model) const {
  const json::Value& recorded = member(facts_, "greedy");
  auto expected = ids_of(member(recorded, "ids"));
  generation::Request request;
  request.ids = prompt(member(recorded, "prompt").as_string());
  request.max_tokens = static_cast<int64_t>(expected.size());
  request.ignore_eos = true;
  return {.expected = std::move(expected), .got = model.generator().generate(std::move(request)).ids};
}

std::vector<std::filesystem::path> golden_cases(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> out;
  std::error_code error;
  if (std::filesystem::exists(folder / "golden.json", error)) {
    return {folder};
  }
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.is_directory(error)) {
      out.push_back(entry.path());
    }
  }
  std::ranges::sort(out);
  return out;
}

}  // namespace pio::plugin
