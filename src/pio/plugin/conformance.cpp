// SPDX-License-Identifier: Apache-2.0
#include "pio/plugin/conformance.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>

#include "pio/base/error.h"
#include "pio/kernels/cpu/cpu_device.h"
#include "pio/kernels/registry.h"
#include "pio/plugin/golden_case.h"
#include "pio/plugin/load_causal.h"
#include "pio/quant/quant_type.h"

namespace pio::plugin {
namespace {

using Logits = std::vector<std::vector<float>>;

bool equal(std::span<const float> a, std::span<const float> b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
}

std::shared_ptr<kernels::Device> cpu(int threads, kernels::Isa isa) {
  return std::make_shared<kernels::CpuDevice>(std::make_shared<ThreadPool>(threads), isa);
}

// Logits behind every token, computed in pieces of `chunk`.
Logits all_logits(CausalLMPlugin& model, std::span<const int32_t> ids) {
  Logits out;
  auto session = model.session();
  session.score(ids, [&](int64_t, std::span<const float> row) { out.emplace_back(row.begin(), row.end()); });
  return out;
}

// The same last row when the sequence shares each step with seven others of other lengths.
std::vector<float> in_company(CausalLMPlugin& model, std::span<const int32_t> ids) {
  auto& runner = model.runner();
  constexpr int64_t kOthers = 7;
  std::vector<std::vector<int32_t>> pages(kOthers + 1);
  std::vector<std::vector<int32_t>> tokens(kOthers + 1);
  for (size_t s = 0; s < tokens.size(); ++s) {
    const size_t length = s == 3 ? ids.size() : std::min(ids.size(), 1 + s * 5);
    tokens[s].assign(ids.begin(), ids.begin() + static_cast<int64_t>(length));
    while (static_cast<int64_t>(pages[s].size()) * plan::kPageSize < static_cast<int64_t>(length)) {
      pages[s].push_back(runner.blocks().allocate());
    }
  }
  std::vector<generation::BatchPiece> pieces;
  plan::SampleRule rule{};
  rule.repetition_penalty = 1.0f;
  for (size_t s = 0; s < tokens.size(); ++s) {
    pieces.push_back({.ids = tokens[s], .position = 0, .pages = pages[s], .wanted = 1, .rule = rule});
  }
  runner.run(pieces);
  std::vector<float> out(static_cast<size_t>(runner.vocab()));
  runner.executor().read_logits(3, out);
  for (const auto& list : pages) {
    for (const int32_t page : list) {
      runner.blocks().release(page);
    }
  }
  return out;
}

std::vector<kernels::Isa> sets(bool all) {
  std::vector<kernels::Isa> out;
  for (const kernels::Isa isa :
       {kernels::Isa::kReference, kernels::Isa::kAvx2, kernels::Isa::kAvxVnni, kernels::Isa::kAvx512}) {
    if (all ? kernels::is_available(isa) : isa == kernels::default_isa()) {
      out.push_back(isa);
    }
  }
  return out;
}

// Tensors with NaN or infinite values and how many, or "".
std::string not_finite(const std::filesystem::path& path) {
  constexpr int64_t kPiece = 4096;  // a multiple of every format's block
  const formats::Checkpoint checkpoint = formats::open_checkpoint(path);
  std::string out;
  std::vector<float> values(kPiece);
  for (const formats::TensorInfo& info : checkpoint.weights->tensors()) {
    const int64_t count = info.count();
    const auto& traits = quant::traits(info.type);
    int64_t bad = 0;
    for (int64_t at = 0; at < count; at += kPiece) {
      const int64_t size = std::min(kPiece, count - at);
      const auto* from = info.bytes.data() + at / traits.block_weights * traits.block_bytes;
      traits.dequantize(from, values.data(), size);
      bad += std::count_if(values.begin(), values.begin() + size, [](float v) { return !std::isfinite(v); });
    }
    if (bad > 0) {
      out += concat(out.empty() ? "" : ", ", info.name, " has ", bad, " that are not finite");
    }
  }
  return out;
}

class Checker {
 public:
  Checker(const ModelFactory& factory, const std::string& name) : factory_(factory), name_(name) {}

  void run(const std::string& what, const std::function<std::string()>& check) {
    try {
      const std::string detail = check();
      results_.push_back({what, detail.empty() ? CheckStatus::kOk : CheckStatus::kFailed, detail});
    } catch (const Error& error) {
      results_.push_back({what, CheckStatus::kFailed, error.what()});
    }
  }
  void skip(const std::string& what, const std::string& why) {
    results_.push_back({what, CheckStatus::kSkipped, why});
  }

  void golden(const std::filesystem::path& folder, kernels::Isa isa) {
    const std::string label = concat(folder.filename().string(), " ", kernels::name(isa));
    LoadOptions options{.weights = WeightFormat::kF32, .kv_type = plan::KvType::kF32, .taps = true};
    options.device = cpu(1, isa);
    run("golden " + label, [&]() -> std::string {
      const GoldenCase golden_case(folder);
      const auto model = load_causal(factory_, name_, golden_case.model(), options);
      std::string where;
      const double worst = golden_case.worst_difference(*model, where);
      return worst <= 1e-3 ? "" : concat("differs by ", worst, " in ", where);
    });
    run("greedy " + label, [&]() -> std::string {
      const GoldenCase golden_case(folder);
      options.taps = false;
      const auto model = load_causal(factory_, name_, golden_case.model(), options);
      return golden_case.greedy_agrees(*model) ? "" : "other tokens than the reference's";
    });
    for (const auto& [type, cache] : {std::pair{plan::KvType::kF16, ""}, {plan::KvType::kQ8, "kv q8 "}}) {
      run(concat("same bits ", cache, label), [&, kv = type]() -> std::string {
        const GoldenCase golden_case(folder);
        return check_same_bits(factory_, name_, golden_case.model(),
                               golden_case.prompt(golden_case.prompts().back()), {.kv_type = kv}, isa);
      });
    }
  }

  void config_round_trip(const std::filesystem::path& folder) {
    run("config " + folder.filename().string(), [&]() -> std::string {
      const GoldenCase golden_case(folder);
      const auto model = load_causal(factory_, name_, golden_case.model(), {});
      const json::Object fields = model->config().to_json();
      const auto again = factory_.create(name_, {}, fields);
      auto& other = dynamic_cast<CausalLMPlugin&>(*again);
      return json::Value(other.config().to_json()).dump() == json::Value(fields).dump()
                 ? ""
                 : "fields change on the way through JSON";
    });
  }

  std::vector<CheckResult> take() { return std::move(results_); }

 private:
  const ModelFactory& factory_;
  std::string name_;
  std::vector<CheckResult> results_;
};

}  // namespace

std::string check_same_bits(const ModelFactory& factory, const std::string& name,
                            const std::filesystem::path& path, const std::vector<int32_t>& ids,
                            LoadOptions options, kernels::Isa isa) {
  options.sequences = 8;
  options.chunk = 512;
  options.device = cpu(1, isa);
  const auto first = load_causal(factory, name, path, options);
  const Logits expected = all_logits(*first, ids);
  for (const int threads : {1, 2}) {
    for (const int64_t chunk : {1, 7, 64, 512}) {
      options.device = cpu(threads, isa);
      options.chunk = std::max<int64_t>(chunk, options.sequences);
      const auto model = load_causal(factory, name, path, options);
      Logits got;
      auto session = model->session();
      for (size_t at = 0; at < ids.size();) {
        const size_t count = std::min(static_cast<size_t>(chunk), ids.size() - at);
        session.score(std::span(ids).subspan(at, count), [&](int64_t, std::span<const float> row) {
          got.emplace_back(row.begin(), row.end());
        });
        at += count;
      }
      for (size_t i = 0; i < ids.size(); ++i) {
        if (!equal(got[i], expected[i])) {
          return concat("row ", i, " differs with ", threads, " threads and chunks of ", chunk);
        }
      }
      if (chunk == 512 && ids.size() <= 256 && !equal(in_company(*model, ids), expected.back())) {
        return concat("the last row differs among other sequences, with ", threads, " threads");
      }
    }
  }
  return "";
}

std::vector<CheckResult> check_model(const ModelFactory& factory, const std::string& name,
                                     const CheckOptions& options) {
  static_cast<void>(factory.find(name));
  Checker checker(factory, name);
  const std::filesystem::path folder =
      options.goldens.empty() ? std::filesystem::path("src/inference_pio/models") / name / "tests" / "golden"
                              : options.goldens;
  const auto cases = golden_cases(folder);
  if (cases.empty()) {
    checker.skip("goldens", concat("none under ", folder.string()));
  }
  for (const auto& golden_case : cases) {
    checker.config_round_trip(golden_case);
    for (const kernels::Isa isa : sets(options.all)) {
      checker.golden(golden_case, isa);
    }
  }
  if (options.checkpoint.empty()) {
    checker.skip("checkpoint", "no --model given");
  } else {
    checker.run("finite weights", [&] { return not_finite(options.checkpoint); });
  }
  for (const kernels::Isa isa : sets(options.all)) {
    if (!options.checkpoint.empty()) {
      checker.run(concat("same bits ", options.checkpoint.filename().string(), " ", kernels::name(isa)), [&] {
        std::vector<int32_t> ids(isa == kernels::Isa::kReference ? 20 : 150);
        for (size_t i = 0; i < ids.size(); ++i) {
          ids[i] = static_cast<int32_t>(i * 131 % 251 + 3);
        }
        return check_same_bits(factory, name, options.checkpoint, ids, {}, isa);
      });
    }
  }
  return checker.take();
}

}  // namespace pio::plugin
