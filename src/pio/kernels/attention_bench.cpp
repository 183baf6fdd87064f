// SPDX-License-Identifier: Apache-2.0
// Times attention on the shapes of real models: a prompt of 512 rows and decode steps at several
// depths, all layers of the model in turn so that caches lie where they would in a run. Usage:
// attention_bench [threads] [isa] [part of a case's name, as "SmolLM2-135M/512/512"]
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "pio/base/half.h"
#include "pio/base/thread_pool.h"
#include "pio/kernels/params.h"
#include "pio/kernels/registry.h"

namespace {

using namespace pio::kernels;  // NOLINT(google-build-using-namespace): a program

struct Model {
  const char* name;
  int64_t layers, heads, kv_heads, head_dim;
};

struct Setup {
  Model model;
  int64_t rows, context;
  std::vector<uint16_t> pages;
  std::vector<int32_t> table, positions, sequence;
  std::vector<float> q, out;
  int64_t layer_halves;

  Setup(const Model& m, int64_t row_count, int64_t ctx) : model(m), rows(row_count), context(ctx) {
    const int64_t page_count = (context + kPageSize - 1) / kPageSize;
    layer_halves = page_count * kv_page_bytes(KvType::kF16, m.kv_heads, m.head_dim, m.head_dim) / 2;
    std::mt19937 random(1);
    std::normal_distribution<float> normal(0.0f, 1.0f);
    const auto some = [&](size_t n) {
      std::vector<float> x(n);
      std::generate(x.begin(), x.end(), [&] { return normal(random); });
      return x;
    };
    pages.resize(static_cast<size_t>(layer_halves * m.layers));
    std::generate(pages.begin(), pages.end(), [&] { return pio::f32_to_f16(normal(random)); });
    for (int32_t page = 0; page < page_count; ++page) {
      table.push_back(page);
    }
    std::shuffle(table.begin(), table.end(), random);
    for (int64_t r = 0; r < rows; ++r) {
      positions.push_back(static_cast<int32_t>(context - rows + r));
      sequence.push_back(0);
    }
    q = some(static_cast<size_t>(rows * m.heads * m.head_dim));
    out = q;
  }

  AttentionParams params(int64_t layer) {
    return {.q = q.data(),
            .q_stride = model.heads * model.head_dim,
            .rows = {.fixed = rows},
            .heads = model.heads,
            .scale = 1.0f / std::sqrt(static_cast<float>(model.head_dim)),
            .window = 0,
            .softcap = 0,
            .sinks = nullptr,
            .kv = {.pages = reinterpret_cast<std::byte*>(pages.data() + layer * layer_halves),
                   .page_bytes =
                       kv_page_bytes(KvType::kF16, model.kv_heads, model.head_dim, model.head_dim),
                   .type = KvType::kF16,
                   .kv_heads = model.kv_heads,
                   .head_dim = model.head_dim,
                   .value_dim = model.head_dim,
                   .page_tables = table.data(),
                   .table_stride = static_cast<int64_t>(table.size()),
                   .positions = positions.data(),
                   .sequence = sequence.data()},
            .out = out.data(),
            .out_stride = model.heads * model.head_dim};
  }
};

struct Seconds {
  double best, median;
};

// All layers once. With one thread the best is the sum of every layer's best, which neighbours on
// the machine disturb less.
Seconds time_layers(Setup& setup, const Kernel& k, pio::ThreadPool& pool) {
  using Clock = std::chrono::steady_clock;
  const auto layers = static_cast<size_t>(setup.model.layers);
  std::vector<AttentionParams> params;
  for (size_t layer = 0; layer < layers; ++layer) {
    params.push_back(setup.params(static_cast<int64_t>(layer)));
  }
  std::vector<double> rounds;
  std::vector<double> best(layers, 1e9);
  std::vector<Clock::time_point> marks(layers + 1);
  const Clock::time_point start = Clock::now();
  const auto elapsed = [&] { return std::chrono::duration<double>(Clock::now() - start).count(); };
  for (int round = 0; round < 1000 && (round < 5 || elapsed() < 3); ++round) {
    std::vector<std::atomic<int64_t>> next(layers);
    pool.run([&](int worker) {
      pool.barrier(worker);
      if (worker == 0) {
        marks[0] = Clock::now();
      }
      for (size_t layer = 0; layer < layers; ++layer) {
        const int64_t tasks = k.tasks(&params[layer]);
        for (int64_t t = next[layer]++; t < tasks; t = next[layer]++) {
          k.run(&params[layer], t, t + 1);
        }
        pool.barrier(worker);
        if (worker == 0) {
          marks[layer + 1] = Clock::now();
        }
      }
    });
    for (size_t layer = 0; layer < layers; ++layer) {
      const double seconds = std::chrono::duration<double>(marks[layer + 1] - marks[layer]).count();
      best[layer] = std::min(best[layer], seconds);
    }
    rounds.push_back(std::chrono::duration<double>(marks[layers] - marks[0]).count());
  }
  std::sort(rounds.begin(), rounds.end());
  const double sum = std::accumulate(best.begin(), best.end(), 0.0);
  return {.best = pool.size() == 1 ? sum : rounds.front(), .median = rounds[rounds.size() / 2]};
}

void report(const Model& model, int64_t rows, int64_t context, const std::string& label,
            const Kernel& k, pio::ThreadPool& pool) {
  Setup setup(model, rows, context);
  const Seconds seconds = time_layers(setup, k, pool);
  const double keys = static_cast<double>(rows) * static_cast<double>(2 * context - rows + 1) / 2;
  const double macs = keys * static_cast<double>(model.layers * model.heads * model.head_dim * 2);
  const double bytes = static_cast<double>(setup.pages.size() * 2);
  std::printf(
      "%-9s %-22s best %8.3f ms, median %8.3f; best: %7.2f us a layer, %6.1f GMAC/s, %5.1f GB/s\n",
      name(k.isa).data(), label.c_str(), seconds.best * 1e3, seconds.median * 1e3,
      seconds.best * 1e6 / static_cast<double>(model.layers), macs / seconds.best * 1e-9,
      bytes / seconds.best * 1e-9);
}

}  // namespace

int main(int argc, char** argv) {
  const int threads = argc > 1 ? std::atoi(argv[1]) : pio::default_threads();
  const Isa isa = argc > 2 ? isa_from_name(argv[2]).value_or(best_isa()) : best_isa();
  const std::string wanted = argc > 3 ? argv[3] : "";
  pio::ThreadPool pool(threads, true);
  const Model models[] = {{"SmolLM2-135M", 30, 9, 3, 64}, {"Qwen3-0.6B", 28, 16, 8, 128}};
  for (const Model& model : models) {
    for (const auto& [rows, context] :
         {std::pair<int64_t, int64_t>{512, 512}, {512, 2048}, {1, 128}, {1, 1024}, {1, 4096}}) {
      const std::string label =
          std::string(model.name) + "/" + std::to_string(rows) + "/" + std::to_string(context);
      if (label.find(wanted) != std::string::npos) {
        report(model, rows, context, label, kernel(KernelId::k_attention, isa), pool);
      }
    }
  }
  return 0;
}
