// SPDX-License-Identifier: Apache-2.0
#include "pio/plugin/golden_case.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "pio/base/error.h"
#include "pio/base/mmap_file.h"

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

double difference(std::span<const std::byte> expected, std::span<const float> got) {
  double worst = 0;
  for (size_t i = 0; i < got.size(); ++i) {
    float value = 0;
    std::memcpy(&value, expected.data() + i * 4, 4);
    const double here = std::abs(static_cast<double>(value) - static_cast<double>(got[i]));
    worst = here <= worst ? worst : here;  // a NaN is the worst
  }
  return worst;
}

}  // namespace

GoldenCase::GoldenCase(const std::filesystem::path& folder)
    : numbers_(folder / "golden.safetensors"),
      facts_(read_json(folder / "golden.json")),
      model_(folder / member(facts_, "model").as_string()) {}

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

double GoldenCase::worst_difference(CausalLMPlugin& model, std::string& where) const {
  double worst = 0;
  const auto note = [&](const std::string& name, double value) {
    if (!(value <= worst)) {
      worst = value;
      where = name;
    }
  };
  for (const std::string& name : prompts()) {
    auto session = model.session();
    std::vector<float> last;
    session.score(prompt(name), [&](int64_t, std::span<const float> logits) {
      last.assign(logits.begin(), logits.end());
    });
    const auto rows = ids_of(member(member(facts_, "rows"), name));
    for (const formats::TensorInfo& info : numbers_.tensors()) {
      if (!info.name.starts_with(name + ".")) {
        continue;
      }
      const std::string what = info.name.substr(name.size() + 1);
      if (what == "logits") {
        note(info.name, difference(info.bytes, last));
        continue;
      }
      const auto width = static_cast<size_t>(info.shape.back());
      std::vector<float> got(width);
      for (size_t r = 0; r < rows.size(); ++r) {
        model.runner().executor().read(what, rows[r], 1, got);
        note(info.name, difference(info.bytes.subspan(r * width * 4, width * 4), got));
      }
    }
  }
  return worst;
}

bool GoldenCase::greedy_agrees(CausalLMPlugin& model) const {
  const json::Value& greedy = member(facts_, "greedy");
  const auto expected = ids_of(member(greedy, "ids"));
  generation::Request request;
  request.ids = prompt(member(greedy, "prompt").as_string());
  request.max_tokens = static_cast<int64_t>(expected.size());
  request.ignore_eos = true;
  return model.infer(std::move(request)).ids == expected;
}

std::vector<std::filesystem::path> golden_cases(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> out;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.is_directory(error)) {
      out.push_back(entry.path());
    }
  }
  std::ranges::sort(out);
  return out;
}

}  // namespace pio::plugin
