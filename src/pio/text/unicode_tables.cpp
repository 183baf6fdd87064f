// SPDX-License-Identifier: Apache-2.0
#include "pio/text/unicode_tables.h"

namespace pio::text {
namespace {
#include "pio/text/unicode_tables.inc"
}  // namespace

std::span<const uint32_t> category_runs() { return kCategoryRuns; }
std::span<const CodePointRange> punctuation_ranges() { return kPunctuationRanges; }
std::span<const CodePointRange> further_digits() { return kFurtherDigits; }
std::span<const CombiningClass> combining_classes() { return kCombiningClasses; }
std::span<const Decomposition> decompositions() { return kDecompositions; }

}  // namespace pio::text
