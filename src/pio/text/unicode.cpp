// SPDX-License-Identifier: Apache-2.0
#include "pio/text/unicode.h"

#include <algorithm>
#include <iterator>

namespace pio::text {
namespace {

struct Run {
  char32_t first;
  char32_t end;
  uint8_t category;
};

// The i-th stretch of code points with one category.
Run category_run(size_t i) {
  const auto runs = category_runs();
  const uint32_t packed = runs[i];
  const uint32_t end = i + 1 < runs.size() ? runs[i + 1] >> 5 : 0x110000u;
  return {packed >> 5, end, static_cast<uint8_t>(packed & 31)};
}

constexpr std::string_view kNames = "LuLlLtLmLoMnMcMeNdNlNoPcPdPsPePiPfPoSmScSkSoZsZlZpCcCfCsCoCn";

}  // namespace

std::optional<CategoryMask> category_mask(std::string_view name) {
  if (name == "Cc") {
    return bit(Category::kCc) | bit(Category::kControlSpace);
  }
  if (name.size() == 2) {
    for (size_t i = 0; i < kNames.size(); i += 2) {
      if (kNames.substr(i, 2) == name) {
        return CategoryMask{1} << (i / 2);
      }
    }
    return std::nullopt;
  }
  constexpr std::pair<std::string_view, CategoryMask> kGroups[] = {
      {"L", kLetter}, {"M", kMark},      {"N", kNumber}, {"P", kPunctuation},
      {"S", kSymbol}, {"Z", kSeparator}, {"C", kOther}};
  for (const auto& [group, mask] : kGroups) {
    if (group == name) {
      return mask;
    }
  }
  return std::nullopt;
}

CodePointSet normalized(CodePointSet set) {
  std::sort(set.begin(), set.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  CodePointSet out;
  for (const auto& range : set) {
    if (!out.empty() && range.first <= out.back().last + 1) {
      out.back().last = std::max(out.back().last, range.last);
    } else {
      out.push_back(range);
    }
  }
  return out;
}

CodePointSet code_points(CategoryMask mask) {
  CodePointSet out;
  for (size_t i = 0; i < category_runs().size(); ++i) {
    const auto run = category_run(i);
    if ((mask & ~bit(Category::kCs)) >> run.category & 1) {
      out.push_back({run.first, run.end - 1});
    }
  }
  return normalized(std::move(out));
}

CodePointSet complement(const CodePointSet& set) {
  CodePointSet holes = set;
  holes.push_back({0xD800, 0xDFFF});
  CodePointSet out;
  char32_t next = 0;
  for (const auto& range : normalized(std::move(holes))) {
    if (range.first > next) {
      out.push_back({next, range.first - 1});
    }
    next = range.last + 1;
  }
  if (next <= 0x10FFFF) {
    out.push_back({next, 0x10FFFF});
  }
  return out;
}

bool contains(const CodePointSet& set, char32_t code_point) {
  const auto above = std::upper_bound(
      set.begin(), set.end(), code_point,
      [](char32_t value, const CodePointRange& range) { return value < range.first; });
  return above != set.begin() && code_point <= std::prev(above)->last;
}

CodePointSet word_characters() {
  auto out =
      code_points(kLetter | kMark | bit(Category::kNd) | bit(Category::kNl) | bit(Category::kPc));
  for (const CodePointRange range : {CodePointRange{0x24B6, 0x24E9},
                                     {0x1F130, 0x1F149},
                                     {0x1F150, 0x1F169},
                                     {0x1F170, 0x1F189}}) {
    out.push_back(range);
  }
  return normalized(std::move(out));
}

const CodePointSet& punctuation_characters() {
  static const CodePointSet set(punctuation_ranges().begin(), punctuation_ranges().end());
  return set;
}

const CodePointSet& digit_characters() {
  static const CodePointSet set = [] {
    auto out = code_points(kNumber);
    out.insert(out.end(), further_digits().begin(), further_digits().end());
    return normalized(std::move(out));
  }();
  return set;
}

const CategoryTable& CategoryTable::get() {
  static const CategoryTable table;
  return table;
}

CategoryTable::CategoryTable() {
  // Blocks 0..31 are uniform, one per category; mixed blocks follow.
  for (size_t category = 0; category < 32; ++category) {
    blocks_.insert(blocks_.end(), kBlock, static_cast<uint8_t>(category));
  }
  size_t run = 0;
  for (size_t block = 0; block < block_of_.size(); ++block) {
    const auto first = static_cast<char32_t>(block * kBlock);
    const char32_t end = first + kBlock;
    while (category_run(run).end <= first) {
      ++run;
    }
    if (category_run(run).end >= end) {
      block_of_[block] = category_run(run).category;
      continue;
    }
    block_of_[block] = static_cast<uint16_t>(blocks_.size() / kBlock);
    for (size_t i = run; i < category_runs().size() && category_run(i).first < end; ++i) {
      const auto from = std::max(first, category_run(i).first);
      const auto to = std::min(end, category_run(i).end);
      blocks_.insert(blocks_.end(), to - from, category_run(i).category);
    }
  }
}

}  // namespace pio::text
