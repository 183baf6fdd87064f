// SPDX-License-Identifier: Apache-2.0
// Nothing outside a device's kernels and copies touches its memory: the same bits where the host
// cannot.
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>

#include "pio/kernels/registry.h"
#include "pio/plugin/golden_case.h"
#include "pio/plugin/load_causal.h"
#include "support/protected_device.h"

namespace pio {
namespace {

const std::filesystem::path kGolden = "src/inference_pio/models/llama/tests/golden";

using Logits = std::vector<std::vector<float>>;

// Rows of a scored prompt, of forks behind it, of a truncated past, and a sampled answer.
Logits run(const std::filesystem::path& path, const std::vector<int32_t>& ids,
           std::shared_ptr<kernels::Device> device, bool taps) {
  const auto model = plugin::load_causal(
      plugin::model_factory(), "llama", path,
      {.context = 128, .sequences = 3, .chunk = 16, .taps = taps, .device = std::move(device)});
  Logits out;
  const auto keep = [&](std::span<const float> row) { out.emplace_back(row.begin(), row.end()); };
  auto session = model->session();
  session.score(ids, [&](int64_t, std::span<const float> row) { keep(row); });
  auto fork = session.fork();
  keep(fork.step(5));
  keep(session.step(6));
  session.truncate(static_cast<int64_t>(ids.size()) / 2);
  keep(session.step(7));
  if (taps) {
    const auto& view = model->runner().plans().plans().front().output("hidden.final").view;
    out.emplace_back(static_cast<size_t>(view.cols));
    model->runner().executor().read("hidden.final", 0, 1, out.back());
  }
  generation::Request request;
  request.ids = ids;
  request.max_tokens = 8;
  request.ignore_eos = true;
  request.sampling = {.temperature = 0.7, .top_p = 0.9, .repetition_penalty = 1.2, .seed = 5};
  const auto answer = model->generator().generate(std::move(request)).ids;
  out.emplace_back(answer.begin(), answer.end());
  return out;
}

void expect_same_bits(const std::filesystem::path& path, const std::vector<int32_t>& ids,
                      bool taps) {
  const auto isa = kernels::default_isa();
  const auto pool = std::make_shared<ThreadPool>(2);
  const auto device = std::make_shared<test::ProtectedDevice>(pool, isa);
  const Logits expected = run(path, ids, std::make_shared<kernels::CpuDevice>(pool, isa), taps);
  const Logits got = run(path, ids, device, taps);
  EXPECT_EQ(device->buffers(), 0u);  // all given back
  ASSERT_EQ(got.size(), expected.size());
  for (size_t i = 0; i < got.size(); ++i) {
    ASSERT_EQ(got[i].size(), expected[i].size());
    EXPECT_EQ(std::memcmp(got[i].data(), expected[i].data(), got[i].size() * sizeof(float)), 0)
        << path << ", row " << i;
  }
}

TEST(Device, TheProtectedOneIsProtected) {
  const auto device = std::make_shared<test::ProtectedDevice>(std::make_shared<ThreadPool>(2),
                                                              kernels::default_isa());
  for (const int64_t size : {int64_t{100}, int64_t{5} << 20}) {
    const kernels::DeviceBuffer buffer(device, size);
    EXPECT_FALSE(test::ProtectedDevice::is_readable(buffer.data()));
    EXPECT_FALSE(test::ProtectedDevice::is_readable(buffer.data() + size - 1));
    const std::byte sent{42};
    device->upload(buffer.data() + size - 1, &sent, 1);
    EXPECT_FALSE(test::ProtectedDevice::is_readable(buffer.data() + size - 1));
    std::byte got{};
    device->download(&got, buffer.data() + size - 1, 1);
    EXPECT_EQ(got, sent);
  }
  const std::byte own{1};
  EXPECT_TRUE(test::ProtectedDevice::is_readable(&own));
}

TEST(Device, SameBitsWhereTheHostCannotReach) {
  for (const auto& folder : plugin::golden_cases(kGolden)) {
    const plugin::GoldenCase golden(folder);
    for (const bool taps : {false, true}) {
      expect_same_bits(golden.model(), golden.prompt("p33"), taps);
    }
  }
}

TEST(Device, SameBitsOnACheckpoint) {
  const char* path = std::getenv("PIO_TEST_MODEL");
  if (path == nullptr) {
    GTEST_SKIP() << "PIO_TEST_MODEL names no checkpoint";
  }
  std::vector<int32_t> ids;
  for (int32_t i = 0; i < 40; ++i) {
    ids.push_back(i * 131 % 251 + 3);
  }
  expect_same_bits(path, ids, false);
}

}  // namespace
}  // namespace pio
