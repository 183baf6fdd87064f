// SPDX-License-Identifier: Apache-2.0
#include "pio/text/tokenizer_json_steps.h"

#include "pio/base/error.h"
#include "pio/text/unicode.h"

namespace pio::text {
namespace {

using Steps = std::vector<std::unique_ptr<const PreTokenizer>>;

SplitBehavior read_behavior(const JsonNode& node) {
  constexpr std::pair<std::string_view, SplitBehavior> kNames[] = {
      {"Removed", SplitBehavior::kRemoved},
      {"Isolated", SplitBehavior::kIsolated},
      {"MergedWithPrevious", SplitBehavior::kMergedWithPrevious},
      {"MergedWithNext", SplitBehavior::kMergedWithNext},
      {"Contiguous", SplitBehavior::kContiguous}};
  for (const auto& [name, behavior] : kNames) {
    if (node.as_string() == name) {
      return behavior;
    }
  }
  node.unsupported(concat("\"", escaped(node.as_string()), "\""));
}

std::unique_ptr<const Matcher> read_pattern(const JsonNode& node) {
  if (const auto literal = node.member("String"); !literal.is_null()) {
    return std::make_unique<LiteralMatcher>(std::string(literal.as_string()));
  }
  const auto regex = node.member("Regex");
  return make_regex_matcher(regex.as_string(), regex.path());
}

// Sequences in a flat list, so that each step's place in the whole is known.
void flatten(const JsonNode& node, std::vector<JsonNode>& out) {
  if (node.is_null()) {
    return;
  }
  if (node.type() != "Sequence") {
    out.push_back(node);
    return;
  }
  for (const auto& step : node.member("pretokenizers").elements()) {
    flatten(step, out);
  }
}

std::unique_ptr<const PreTokenizer> make_step(const JsonNode& node, bool is_last) {
  const auto type = node.type();
  if (type == "ByteLevel") {
    return std::make_unique<ByteLevel>(
        ByteLevel::Options{.add_prefix_space = node.member("add_prefix_space").as_bool(),
                           .use_regex = node.member("use_regex").bool_or(true),
                           .map_bytes = !is_last});
  }
  if (type == "Split") {
    return std::make_unique<Split>(read_pattern(node.member("pattern")),
                                   read_behavior(node.member("behavior")),
                                   node.member("invert").bool_or(false));
  }
  if (type == "Digits") {
    return std::make_unique<Split>(std::make_unique<SetMatcher>(digit_characters()),
                                   node.member("individual_digits").as_bool()
                                       ? SplitBehavior::kIsolated
                                       : SplitBehavior::kContiguous);
  }
  if (type == "Punctuation") {
    const auto behavior = node.member("behavior");
    return std::make_unique<Split>(
        std::make_unique<SetMatcher>(punctuation_characters()),
        behavior.is_null() ? SplitBehavior::kIsolated : read_behavior(behavior));
  }
  node.unsupported(concat("pre-tokenizer type \"", escaped(type), "\""));
}

}  // namespace

bool normalizes_to_nfc(const JsonNode& normalizer) {
  if (normalizer.is_null()) {
    return false;
  }
  if (normalizer.type() == "NFC") {
    return true;
  }
  if (normalizer.type() != "Sequence") {
    normalizer.unsupported(concat("normalizer type \"", escaped(normalizer.type()), "\""));
  }
  bool out = false;
  for (const auto& step : normalizer.member("normalizers").elements()) {
    out = normalizes_to_nfc(step) || out;
  }
  return out;
}

std::unique_ptr<const PreTokenizer> make_pre_tokenizer(const JsonNode& node) {
  std::vector<JsonNode> nodes;
  flatten(node, nodes);
  Steps steps;
  size_t byte_levels = 0;
  for (size_t i = 0; i < nodes.size(); ++i) {
    byte_levels += nodes[i].type() == "ByteLevel" ? 1 : 0;
    steps.push_back(make_step(nodes[i], i + 1 == nodes.size()));
  }
  if (byte_levels != 1) {
    node.unsupported(
        concat("a BPE model with ", byte_levels, " ByteLevel pre-tokenizers (wanted one)"));
  }
  return std::make_unique<PreTokenizerSequence>(std::move(steps));
}

}  // namespace pio::text
