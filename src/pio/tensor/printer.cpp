// SPDX-License-Identifier: Apache-2.0
#include "pio/tensor/printer.h"

#include <charconv>
#include <unordered_map>

#include "pio/base/error.h"
#include "pio/base/json.h"
#include "pio/tensor/tensor.h"

namespace pio::tensor {
namespace {

std::string quoted(const std::string& text) { return json::Value(text).dump(); }

std::string attribute(int64_t value) { return std::to_string(value); }
std::string attribute(const std::string& value) { return quoted(value); }
std::string attribute(double value) {
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof(buffer), value).ptr;
  std::string out(buffer, end);
  // A whole number still reads as a float.
  return out.find_first_of(".en") == std::string::npos ? out + ".0" : out;
}

std::string hex(std::span<const std::byte> bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const std::byte b : bytes) {
    out += kDigits[static_cast<uint8_t>(b) >> 4];
    out += kDigits[static_cast<uint8_t>(b) & 15];
  }
  return out;
}

std::string source(const Node& node) {
  if (node.slot() == nullptr) {
    return "";
  }
  const Slot& slot = *node.slot();
  return node.is(kConstant)
             ? concat(" bytes=", hex(slot.data))
             : concat(" slot=", quoted(slot.name), " packed=", quant::traits(slot.packed_type).name);
}

}  // namespace

std::string to_text(std::span<const std::pair<std::string, NodePtr>> outputs) {
  std::vector<NodePtr> roots;
  for (const auto& output : outputs) {
    roots.push_back(output.second);
  }
  std::unordered_map<const Node*, size_t> numbers;
  std::string out = concat("pio-graph ", kTextVersion, "\n");
  for (const NodePtr& node : topological(roots)) {
    out += concat("%", numbers.size(), " ", node->op().name, " ", node->shape().to_string(), " ",
                  name(node->dtype()), source(*node));
    for (const auto& [key, value] : node->attrs().values()) {
      out += concat(" ", key, "=", std::visit([](const auto& v) { return attribute(v); }, value));
    }
    for (size_t i = 0; i < node->inputs().size(); ++i) {
      out += concat(i == 0 ? " <- %" : " %", numbers.at(node->input(i).get()));
    }
    out += '\n';
    numbers.emplace(node.get(), numbers.size());
  }
  for (const auto& [name, node] : outputs) {
    out += concat("output ", quoted(name), " %", numbers.at(node.get()), "\n");
  }
  return out;
}

}  // namespace pio::tensor
