// SPDX-License-Identifier: Apache-2.0
#include "pio/generation/sampling/sampling_params.h"

#include "pio/base/error.h"

namespace pio::generation {

void check(const SamplingParams& p) {
  PIO_CHECK(p.temperature >= 0.0 && p.temperature <= 100.0, "temperature ", p.temperature,
            ": expected 0 to 100");
  PIO_CHECK(p.top_k >= 0 && p.top_k <= INT32_MAX, "top_k ", p.top_k, ": expected 0 (all) or more");
  PIO_CHECK(p.top_p > 0.0 && p.top_p <= 1.0, "top_p ", p.top_p, ": expected above 0, at most 1");
  PIO_CHECK(p.min_p >= 0.0 && p.min_p < 1.0, "min_p ", p.min_p, ": expected 0 to below 1");
  PIO_CHECK(p.repetition_penalty > 0.0 && p.repetition_penalty <= 100.0, "repetition_penalty ",
            p.repetition_penalty, ": expected above 0, at most 100");
  PIO_CHECK(p.frequency_penalty >= -2.0 && p.frequency_penalty <= 2.0, "frequency_penalty ",
            p.frequency_penalty, ": expected -2 to 2");
  PIO_CHECK(p.presence_penalty >= -2.0 && p.presence_penalty <= 2.0, "presence_penalty ",
            p.presence_penalty, ": expected -2 to 2");
}

}  // namespace pio::generation
