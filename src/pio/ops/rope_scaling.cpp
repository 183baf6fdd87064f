// SPDX-License-Identifier: Apache-2.0
#include "pio/ops/rope_scaling.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "pio/base/error.h"

namespace pio::ops {
namespace {

constexpr double kTwoPi = 2.0 * std::numbers::pi;

// Long waves are divided by the factor, short ones kept, those between blended.
void scale_llama3(std::vector<float>& inv_freq, const RopeScaling& s) {
  const auto length = static_cast<double>(s.original_max_position_embeddings);
  for (float& frequency : inv_freq) {
    const double f = static_cast<double>(frequency);
    const double wavelength = kTwoPi / f;
    if (wavelength > length / s.low_freq_factor) {
      frequency = static_cast<float>(f / s.factor);
    } else if (wavelength >= length / s.high_freq_factor) {
      const double smooth =
          (length / wavelength - s.low_freq_factor) / (s.high_freq_factor - s.low_freq_factor);
      frequency = static_cast<float>((1.0 - smooth) * f / s.factor + smooth * f);
    }
  }
}

// The dim whose wave turns `rotations` times over the original context.
double correction_dim(double rotations, int64_t dims, double theta, int64_t length) {
  return static_cast<double>(dims) *
         std::log(static_cast<double>(length) / (rotations * kTwoPi)) / (2.0 * std::log(theta));
}

void scale_yarn(std::vector<float>& inv_freq, const RopeScaling& s, double theta, int64_t dims) {
  const int64_t length = s.original_max_position_embeddings;
  double low = correction_dim(s.beta_fast, dims, theta, length);
  double high = correction_dim(s.beta_slow, dims, theta, length);
  if (s.truncate) {
    low = std::floor(low);
    high = std::ceil(high);
  }
  low = std::max(low, 0.0);
  high = std::min(high, static_cast<double>(dims - 1));
  high = low == high ? high + 0.001 : high;
  for (size_t i = 0; i < inv_freq.size(); ++i) {
    const double ramp = std::clamp((static_cast<double>(i) - low) / (high - low), 0.0, 1.0);
    const double f = static_cast<double>(inv_freq[i]);
    inv_freq[i] = static_cast<float>(f / s.factor * ramp + f * (1.0 - ramp));
  }
}

double mscale_of(double factor, double mscale) {
  return factor <= 1.0 ? 1.0 : 0.1 * mscale * std::log(factor) + 1.0;
}

double yarn_attention_factor(const RopeScaling& s) {
  if (s.attention_factor > 0.0) {
    return s.attention_factor;
  }
  if (s.mscale != 0.0 && s.mscale_all_dim != 0.0) {
    return mscale_of(s.factor, s.mscale) / mscale_of(s.factor, s.mscale_all_dim);
  }
  return mscale_of(s.factor, 1.0);
}

}  // namespace

RopeFrequencies rope_frequencies(double theta, int64_t dims, const RopeScaling& s) {
  PIO_CHECK(dims > 0 && dims % 2 == 0, "[rope] got ", dims, " rotated dims, expected an even number");
  PIO_CHECK(theta > 0.0 && std::isfinite(theta), "[rope] got theta ", theta, ", expected above 0");
  PIO_CHECK(s.factor > 0.0 && std::isfinite(s.factor), "[rope] got factor ", s.factor,
            ", expected above 0");
  RopeFrequencies out;
  for (int64_t i = 0; i < dims; i += 2) {
    const double exponent = static_cast<double>(i) / static_cast<double>(dims);
    out.inv_freq.push_back(static_cast<float>(1.0 / std::pow(theta, exponent)));
  }
  const bool by_length = s.kind == RopeScalingKind::kLlama3 || s.kind == RopeScalingKind::kYarn;
  PIO_CHECK(!by_length || s.original_max_position_embeddings > 0,
            "[rope] this scaling needs original_max_position_embeddings or max_positions above 0, got ",
            s.original_max_position_embeddings);
  switch (s.kind) {
    case RopeScalingKind::kNone:
      break;
    case RopeScalingKind::kLinearFactor:
      for (float& frequency : out.inv_freq) {
        frequency = static_cast<float>(static_cast<double>(frequency) / s.factor);
      }
      break;
    case RopeScalingKind::kLlama3:
      scale_llama3(out.inv_freq, s);
      break;
    case RopeScalingKind::kYarn:
      scale_yarn(out.inv_freq, s, theta, dims);
      out.factor = static_cast<float>(yarn_attention_factor(s));
      break;
    case RopeScalingKind::kFactors:
      PIO_CHECK(s.factors.size() == out.inv_freq.size(), "[rope] got ", s.factors.size(),
                " frequency factors, expected ", out.inv_freq.size());
      for (size_t i = 0; i < out.inv_freq.size(); ++i) {
        out.inv_freq[i] /= s.factors[i];
      }
      break;
  }
  return out;
}

}  // namespace pio::ops
