// SPDX-License-Identifier: Apache-2.0
// Every format against the gguf package's records in tests/golden/quant, and the quantizers'
// quality.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <fstream>
#include <iterator>
#include <random>
#include <sstream>
#include <vector>

#include "pio/base/json.h"
#include "pio/quant/q4_k.h"
#include "pio/quant/q6_k.h"
#include "pio/quant/quant_type.h"

namespace pio::quant {
namespace {

constexpr QuantType kAll[] = {
#define PIO_QUANT_TYPE(id, name, gguf_id, block, bytes) QuantType::k##id,
#include "pio/quant/quant_types.inc"
#undef PIO_QUANT_TYPE
};

std::vector<std::byte> from_hex(const std::string& hex) {
  std::vector<std::byte> out;
  for (size_t i = 0; i < hex.size(); i += 2) {
    out.push_back(static_cast<std::byte>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  }
  return out;
}

std::vector<float> from_bits(const json::Array& bits) {
  std::vector<float> out;
  for (const json::Value& value : bits) {
    out.push_back(std::bit_cast<float>(static_cast<uint32_t>(value.as_integer())));
  }
  return out;
}

std::string hex(const std::vector<std::byte>& bytes) {
  std::ostringstream out;
  for (const std::byte b : bytes) {
    out << std::hex << std::to_integer<int>(b) / 16 << std::to_integer<int>(b) % 16;
  }
  return out.str();
}

class QuantGolden : public testing::TestWithParam<QuantType> {
 protected:
  void SetUp() override {
    std::string file(traits(GetParam()).name);
    std::transform(file.begin(), file.end(), file.begin(),
                   [](char c) { return static_cast<char>(std::tolower(c)); });
    const std::string path = "tests/golden/quant/" + file + ".json";
    std::ifstream in(path);
    ASSERT_TRUE(in) << path;
    const std::string text((std::istreambuf_iterator<char>(in)), {});
    golden_ = json::parse_value(text, path);
  }
  json::Value golden_;
};

TEST_P(QuantGolden, DecodesToTheSameBits) {
  for (const json::Value& item : golden_.find("decode")->as_array()) {
    const auto block = from_hex(item.find("block")->as_string());
    const auto want = from_bits(item.find("f32")->as_array());
    const auto count = static_cast<int64_t>(want.size());
    ASSERT_EQ(size_bytes(GetParam(), count), static_cast<int64_t>(block.size()));
    // One byte off, since a tensor in a safetensors file may lie at any address.
    std::vector<std::byte> shifted(block.size() + 1);
    std::copy(block.begin(), block.end(), shifted.begin() + 1);
    std::vector<float> got(want.size());
    traits(GetParam()).dequantize(shifted.data() + 1, got.data(), count);
    for (size_t i = 0; i < want.size(); ++i) {
      ASSERT_EQ(std::bit_cast<uint32_t>(got[i]), std::bit_cast<uint32_t>(want[i]))
          << item.find("name")->as_string() << " weight " << i << ": " << got[i] << " for "
          << want[i];
    }
  }
}

TEST_P(QuantGolden, EncodesToTheSameBytes) {
  for (const json::Value& item : golden_.find("encode")->as_array()) {
    const auto values = from_bits(item.find("f32")->as_array());
    std::vector<std::byte> got(from_hex(item.find("block")->as_string()).size());
    traits(GetParam()).quantize(values.data(), got.data(), static_cast<int64_t>(values.size()));
    EXPECT_EQ(hex(got), item.find("block")->as_string()) << item.find("name")->as_string();
  }
}

std::vector<float> round_trip(QuantType type, const std::vector<float>& values) {
  const auto count = static_cast<int64_t>(values.size());
  std::vector<std::byte> blocks(static_cast<size_t>(size_bytes(type, count)));
  traits(type).quantize(values.data(), blocks.data(), count);
  std::vector<float> out(values.size());
  traits(type).dequantize(blocks.data(), out.data(), count);
  return out;
}

TEST_P(QuantGolden, KeepsZeroAndNan) {
  std::vector<float> values(512, 0.0f);
  EXPECT_EQ(round_trip(GetParam(), values), values);
  values[300] = std::nanf("");
  const auto out = round_trip(GetParam(), values);
  EXPECT_TRUE(std::isnan(out[300]));
  EXPECT_EQ(out[0], 0.0f);
}

TEST_P(QuantGolden, AnEmptyTensorMayBeNull) {
  traits(GetParam()).dequantize(nullptr, nullptr, 0);
  traits(GetParam()).quantize(nullptr, nullptr, 0);
}

// What is too small becomes 0, or stays; what is too large never turns into an ordinary weight.
TEST_P(QuantGolden, SurvivesExtremes) {
  for (const float extreme : {1e-45f, 1e-38f, 1e10f, 1e25f, 3e38f, HUGE_VALF}) {
    std::vector<float> values(512, 0.0f);
    values[3] = extreme;
    values[200] = -extreme;
    const auto out = round_trip(GetParam(), values);
    for (const size_t i : {size_t{3}, size_t{200}}) {
      if (extreme < 1.0f) {
        EXPECT_LE(std::fabs(out[i] - values[i]), extreme) << i;
      } else {
        EXPECT_FALSE(std::fabs(out[i]) < 0.9f * extreme) << extreme << " became " << out[i];
      }
    }
    EXPECT_EQ(out[300], 0.0f) << "another block";
  }
}

INSTANTIATE_TEST_SUITE_P(All, QuantGolden, testing::ValuesIn(kAll),
                         [](const auto& param) { return std::string(traits(param.param).name); });

TEST(QuantType, TableIsConsistent) {
  for (const QuantType type : kAll) {
    EXPECT_EQ(traits(type).type, type);
    EXPECT_EQ(from_gguf_id(traits(type).gguf_id), type);
  }
  EXPECT_EQ(from_gguf_id(4), std::nullopt);
  EXPECT_EQ(from_gguf_id(UINT32_MAX), std::nullopt);
  EXPECT_EQ(size_bytes(QuantType::kQ4_1, 576), 360);
}

double relative_rms(const std::vector<float>& a, const std::vector<float>& b) {
  double error = 0;
  double total = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    error += std::pow(static_cast<double>(a[i]) - static_cast<double>(b[i]), 2);
    total += std::pow(static_cast<double>(b[i]), 2);
  }
  return std::sqrt(error / total);
}

struct Quality {
  QuantType type;
  double normal;   ///< largest allowed relative RMS error on normal weights
  double uniform;  ///< the same on uniform weights in [-1, 1)
};

// About 3 % above what was measured when the quantizers were written.
constexpr Quality kQuality[] = {{QuantType::kQ8_0, 0.0056, 0.0039},
                                {QuantType::kQ6_K, 0.0180, 0.0134},
                                {QuantType::kQ4_0, 0.0890, 0.0673},
                                {QuantType::kQ4_1, 0.0809, 0.0623},
                                {QuantType::kQ4_K, 0.0740, 0.0567}};

TEST(QuantQuality, ErrorStaysBounded) {
  std::mt19937 random(7);
  std::vector<float> normal(256 * 64);
  std::vector<float> uniform(256 * 64);
  std::generate(normal.begin(), normal.end(),
                [&] { return std::normal_distribution<float>(0, 0.02f)(random); });
  std::generate(uniform.begin(), uniform.end(),
                [&] { return std::uniform_real_distribution<float>(-1, 1)(random); });
  for (const Quality& row : kQuality) {
    EXPECT_LT(relative_rms(round_trip(row.type, normal), normal), row.normal)
        << traits(row.type).name;
    EXPECT_LT(relative_rms(round_trip(row.type, uniform), uniform), row.uniform)
        << traits(row.type).name;
  }
}

TEST(QuantQuality, KFormatsTakeOneSidedAndScaledSubBlocks) {
  std::mt19937 random(8);
  std::vector<float> values(256);
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = std::uniform_real_distribution<float>(0.5f, 1.0f)(random) *
                static_cast<float>(i / 32 % 2 == 0 ? 1 : -1) * static_cast<float>(1 + i / 32);
  }
  EXPECT_LT(relative_rms(round_trip(QuantType::kQ4_K, values), values), 0.05);
  EXPECT_LT(relative_rms(round_trip(QuantType::kQ6_K, values), values), 0.02);
  EXPECT_LT(relative_rms(round_trip(QuantType::kQ4_K, std::vector<float>(256, -3.0f)),
                         std::vector<float>(256, -3.0f)),
            1e-3);
}

TEST(Blocks, FieldsReadBackAsSet) {
  BlockQ4K k4{};
  BlockQ6K k6{};
  for (int j = 0; j < 8; ++j) {
    k4.set_scale_min(j, 63 - 5 * j, 7 * j + 3);
  }
  for (int i = 0; i < 256; ++i) {
    k4.set_nibble(i, i * 7 % 16);
    k6.set_code(i, i * 11 % 64);
  }
  for (int j = 0; j < 8; ++j) {
    EXPECT_EQ(k4.scale(j), 63 - 5 * j);
    EXPECT_EQ(k4.min(j), 7 * j + 3);
  }
  for (int i = 0; i < 256; ++i) {
    EXPECT_EQ(k4.nibble(i), i * 7 % 16);
    EXPECT_EQ(k6.code(i), i * 11 % 64);
  }
}

}  // namespace
}  // namespace pio::quant
