// SPDX-License-Identifier: Apache-2.0
// The token loop allocates nothing, and the model is traced at load alone. In a program of its own:
// it counts every operator new of the process, the workers' as well.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "pio/generation/generator.h"
#include "pio/plugin/load_causal.h"
#include "pio/text/tokenizer_test_support.h"
#include "support/tiny_decoder.h"

namespace {

std::atomic<int64_t>& allocations() noexcept {
  static std::atomic<int64_t> count{0};
  return count;
}

void* counted(size_t size, size_t alignment = alignof(std::max_align_t)) noexcept {
  ++allocations();
  const size_t whole = (size + alignment - 1) / alignment * alignment;
  return std::aligned_alloc(alignment, whole == 0 ? alignment : whole);
}

void* counted_or_throw(size_t size, size_t alignment = alignof(std::max_align_t)) {
  void* out = counted(size, alignment);
  return out != nullptr ? out : throw std::bad_alloc();
}

}  // namespace

void* operator new(size_t size) { return counted_or_throw(size); }
void* operator new[](size_t size) { return counted_or_throw(size); }
void* operator new(size_t size, std::align_val_t at) {
  return counted_or_throw(size, static_cast<size_t>(at));
}
void* operator new[](size_t size, std::align_val_t at) {
  return counted_or_throw(size, static_cast<size_t>(at));
}
void* operator new(size_t size, const std::nothrow_t& /*tag*/) noexcept { return counted(size); }
void* operator new[](size_t size, const std::nothrow_t& /*tag*/) noexcept { return counted(size); }
void operator delete(void* data) noexcept { std::free(data); }
void operator delete[](void* data) noexcept { std::free(data); }
void operator delete(void* data, size_t /*size*/) noexcept { std::free(data); }
void operator delete[](void* data, size_t /*size*/) noexcept { std::free(data); }
void operator delete(void* data, std::align_val_t /*at*/) noexcept { std::free(data); }
void operator delete[](void* data, std::align_val_t /*at*/) noexcept { std::free(data); }
void operator delete(void* data, size_t /*size*/, std::align_val_t /*at*/) noexcept {
  std::free(data);
}
void operator delete[](void* data, size_t /*size*/, std::align_val_t /*at*/) noexcept {
  std::free(data);
}

namespace pio::generation {
namespace {

// Every feature that a request can ask of the loop.
Request request(int64_t prompt, int64_t max_tokens, uint64_t seed, size_t& shown) {
  Request out;
  out.ids = test::some_ids(prompt, static_cast<int32_t>(seed));
  out.max_tokens = max_tokens;
  out.ignore_eos = true;
  out.stop = {"a text that does not come", "\x01\x02\x03\x04\x05\x06\x07"};
  out.on_text = [&shown](std::string_view piece) {
    shown += piece.size();
    return true;
  };
  if (seed % 2 == 1) {
    out.sampling = {.temperature = 0.8,
                    .top_k = 20,
                    .top_p = 0.9,
                    .min_p = 0.01,
                    .repetition_penalty = 1.1,
                    .frequency_penalty = 0.1,
                    .presence_penalty = 0.1,
                    .seed = seed};
  }
  return out;
}

// Allocations of `steps` decode steps of `count` sequences, after their prompts and a few tokens.
int64_t allocations_of(Generator& generator, int count, int64_t steps) {
  constexpr int64_t kWarmUp = 12;
  size_t shown = 0;
  std::vector<std::shared_ptr<Sequence>> sequences;
  for (int s = 0; s < count; ++s) {
    sequences.push_back(generator.submit(
        request(3 + s * 11, steps + 2 * kWarmUp, 1 + static_cast<uint64_t>(s), shown)));
  }
  for (int64_t i = 0; i < kWarmUp; ++i) {
    EXPECT_TRUE(generator.step());
  }
  const int64_t before = allocations();
  bool all = true;
  for (int64_t i = 0; i < steps; ++i) {
    all = generator.step() && all;
  }
  const int64_t after = allocations();
  EXPECT_TRUE(all);
  for (const auto& sequence : sequences) {
    EXPECT_FALSE(sequence->is_finished());
  }
  while (generator.step()) {
  }
  EXPECT_GT(shown, static_cast<size_t>(steps));
  return after - before;
}

TEST(TokenLoop, TheCounterCounts) {
  const int64_t before = allocations();
  const auto value = std::make_unique<int>(3);
  EXPECT_EQ(allocations() - before, 1);
}

TEST(TokenLoop, AllocatesNothing) {
  const text::TinyVocab vocab;
  const auto tokenizer = text::Tokenizer::from_vocab(vocab.spec());
  for (const quant::QuantType type : {quant::QuantType::kF32, quant::QuantType::kQ8_0}) {
    test::TinyDecoder model(type);
    Runner runner(model, test::cpu_device(), {.context = 1024, .sequences = 8, .chunk = 64});
    Generator generator(runner, tokenizer, {95});
    for (const int count : {1, 8}) {
      EXPECT_EQ(allocations_of(generator, count, 80), 0)
          << count << " sequences, " << quant::traits(type).name;
    }
  }
}

TEST(TokenLoop, AllocatesNothingOnACheckpoint) {
  const char* path = std::getenv("PIO_TEST_MODEL");
  if (path == nullptr) {
    GTEST_SKIP() << "PIO_TEST_MODEL names no checkpoint";
  }
  const auto model = plugin::load_causal(plugin::model_factory(), "llama", path,
                                         {.context = 512, .sequences = 8, .chunk = 64});
  for (const int count : {1, 8}) {
    EXPECT_EQ(allocations_of(model->generator(), count, 64), 0) << count << " sequences";
  }
}

// Prompts of every length: no step allocates, and the model's code never runs again.
TEST(TokenLoop, TracesAtLoadOnly) {
  test::TinyDecoder model;
  Runner runner(model, test::cpu_device(), {.context = 1024, .chunk = 512});
  const auto plans = runner.plans().plans().size();
  EXPECT_EQ(plans, 4u);
  EXPECT_EQ(model.traces(), static_cast<int>(plans));
  Generator generator(runner, nullptr, {});
  int64_t in_steps = 0;
  for (int64_t length = 1; length <= 600; ++length) {
    Request request;
    request.ids = test::some_ids(length);
    request.max_tokens = 1;
    const auto sequence = generator.submit(std::move(request));
    const int64_t before = allocations();
    while (generator.step()) {
    }
    in_steps += allocations() - before;
    ASSERT_EQ(sequence->take_result().ids.size(), 1u);
  }
  EXPECT_EQ(model.traces(), static_cast<int>(plans));
  EXPECT_EQ(runner.plans().plans().size(), plans);
  EXPECT_EQ(in_steps, 0);
}

}  // namespace
}  // namespace pio::generation
