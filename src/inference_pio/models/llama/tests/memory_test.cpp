// SPDX-License-Identifier: Apache-2.0
// What a loaded model takes: one copy of each weight, and no cache page before its first use.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "pio/base/memory_info.h"
#include "pio/plugin/golden_case.h"
#include "pio/plugin/load_causal.h"

namespace pio {
namespace {

const std::filesystem::path kGolden = "src/inference_pio/models/llama/tests/golden";
constexpr int64_t kMiB = int64_t{1} << 20;
#ifdef __SANITIZE_ADDRESS__
constexpr int64_t kSlack = 256 * kMiB;  // shadow memory and freed blocks held back
constexpr int64_t kSequences = 256;
#else
constexpr int64_t kSlack = 48 * kMiB;
constexpr int64_t kSequences = 64;
#endif

// The packed bytes of a tied model are those of its file: the matrix for lookup and head is there
// once.
void expect_embedding_once(const std::filesystem::path& path) {
  const auto model =
      plugin::load_causal(plugin::model_factory(), "llama", path, {.context = 256, .chunk = 64});
  const auto& weights = model->runner().plans().weights();
  int64_t sum = 0;
  int embeddings = 0;
  for (const plan::PackedWeight& weight : weights.weights()) {
    sum += weight.size_bytes;
    embeddings += static_cast<int>(std::ranges::count_if(weight.sources, [](const auto& slot) {
      return slot->name == "model.embed_tokens.weight" || slot->name == "lm_head.weight";
    }));
  }
  EXPECT_EQ(embeddings, 1);
  EXPECT_LE(sum, weights.size_bytes());
  // Norms are kept in f32, rows are padded to whole strips.
  EXPECT_LE(weights.size_bytes(), model->loaded()->weight_bytes * 105 / 100 + 8192);
}

TEST(Memory, ATiedEmbeddingIsPackedOnce) { expect_embedding_once(kGolden / "llama_tied"); }

TEST(Memory, ATiedEmbeddingIsPackedOnceOnACheckpoint) {
  const char* path = std::getenv("PIO_TEST_MODEL");
  if (path == nullptr) {
    GTEST_SKIP() << "PIO_TEST_MODEL names no checkpoint";
  }
  expect_embedding_once(path);
}

// Resident memory of a load and a short prompt, beside a cache that would take far more if it were
// touched.
void expect_untouched_cache(const std::filesystem::path& path, int64_t sequences,
                            const std::vector<int32_t>& ids) {
  const int64_t before = resident_bytes();
  const auto model = plugin::load_causal(plugin::model_factory(), "llama", path,
                                         {.context = 8192, .sequences = sequences});
  auto& runner = model->runner();
  const int64_t cache = runner.blocks().pages() * generation::KvCache::page_bytes(runner.plans());
  const int64_t allowed = runner.plans().weights().size_bytes() + kSlack;
  ASSERT_GT(cache, kSlack + kSlack / 2);
  EXPECT_LE(resident_bytes() - before, allowed) << "after the load; the cache has " << cache;
  auto session = model->session();
  static_cast<void>(session.prefill(ids));
  EXPECT_LE(resident_bytes() - before, allowed) << "after a prompt; the cache has " << cache;
}

TEST(Memory, CachePagesAreNotTouchedBeforeUse) {
  const plugin::GoldenCase golden(kGolden / "llama_tied");
  expect_untouched_cache(golden.model(), kSequences, golden.prompt("p33"));
}

TEST(Memory, CachePagesAreNotTouchedBeforeUseOnACheckpoint) {
  const char* path = std::getenv("PIO_TEST_MODEL");
  if (path == nullptr) {
    GTEST_SKIP() << "PIO_TEST_MODEL names no checkpoint";
  }
  expect_untouched_cache(path, kSequences / 32, {6403, 1980, 253, 655, 665, 436});
}

}  // namespace
}  // namespace pio
