// SPDX-License-Identifier: Apache-2.0
#include "pio/text/nfc.h"

#include <algorithm>
#include <unordered_map>
#include <vector>

#include "pio/text/unicode.h"

namespace pio::text {
namespace {

// Hangul syllables are computed (Unicode 3.12).
constexpr char32_t kSBase = 0xAC00;
constexpr char32_t kLBase = 0x1100;
constexpr char32_t kVBase = 0x1161;
constexpr char32_t kTBase = 0x11A7;
constexpr char32_t kLCount = 19;
constexpr char32_t kVCount = 21;
constexpr char32_t kTCount = 28;
constexpr char32_t kSCount = kLCount * kVCount * kTCount;

struct Item {
  char32_t code_point;
  uint8_t combining_class;
};

class Nfc {
 public:
  static const Nfc& get() {
    static const Nfc tables;
    return tables;
  }

  // Whether NFC leaves the code point alone, whatever stands before it.
  [[nodiscard]] bool is_inert(char32_t c) const {
    return c < 0x300 || (!decomposed_.contains(c) && !is_second(c) && combining_class(c) == 0);
  }

  // Appends the full canonical decomposition.
  void decompose(char32_t c, std::vector<Item>& out) const {
    if (c >= kSBase && c < kSBase + kSCount) {
      const char32_t index = c - kSBase;
      out.push_back({kLBase + index / (kVCount * kTCount), 0});
      out.push_back({kVBase + index % (kVCount * kTCount) / kTCount, 0});
      if (index % kTCount != 0) {
        out.push_back({kTBase + index % kTCount, 0});
      }
      return;
    }
    const auto found = decomposed_.find(c);
    if (found == decomposed_.end()) {
      out.push_back({c, combining_class(c)});
      return;
    }
    decompose(found->second->first, out);
    if (found->second->second != 0) {
      decompose(found->second->second, out);
    }
  }

  // The code point that a pair makes, or 0.
  [[nodiscard]] char32_t composed(char32_t a, char32_t b) const {
    if (a >= kLBase && a < kLBase + kLCount && b >= kVBase && b < kVBase + kVCount) {
      return kSBase + ((a - kLBase) * kVCount + (b - kVBase)) * kTCount;
    }
    if (a >= kSBase && a < kSBase + kSCount && (a - kSBase) % kTCount == 0 && b > kTBase &&
        b < kTBase + kTCount) {
      return a + (b - kTBase);
    }
    const auto found = composed_.find(uint64_t{a} << 32 | b);
    return found == composed_.end() ? 0 : found->second;
  }

 private:
  Nfc() {
    for (const auto& entry : decompositions()) {
      decomposed_.emplace(entry.code_point, &entry);
      if (entry.composes) {
        composed_.emplace(uint64_t{entry.first} << 32 | entry.second, entry.code_point);
        seconds_.push_back({entry.second, entry.second});
      }
    }
    seconds_.push_back({kVBase, kVBase + kVCount - 1});
    seconds_.push_back({kTBase + 1, kTBase + kTCount - 1});
    seconds_ = normalized(std::move(seconds_));
  }

  [[nodiscard]] bool is_second(char32_t c) const { return contains(seconds_, c); }

  [[nodiscard]] static uint8_t combining_class(char32_t c) {
    const auto classes = combining_classes();
    const auto above = std::upper_bound(
        classes.begin(), classes.end(), c,
        [](char32_t value, const CombiningClass& entry) { return value < entry.first; });
    return above != classes.begin() && c <= std::prev(above)->last ? std::prev(above)->value
                                                                   : uint8_t{0};
  }

  std::unordered_map<char32_t, const Decomposition*> decomposed_;
  std::unordered_map<uint64_t, char32_t> composed_;
  CodePointSet seconds_;
};

// Sorts marks by class between starters, then joins what composes with the last starter.
void compose(const Nfc& tables, std::vector<Item>& items, std::string& out) {
  for (auto at = items.begin(); at != items.end();) {
    if (at->combining_class == 0) {
      ++at;
      continue;
    }
    const auto end =
        std::find_if(at, items.end(), [](const Item& i) { return i.combining_class == 0; });
    std::stable_sort(at, end, [](const Item& a, const Item& b) {
      return a.combining_class < b.combining_class;
    });
    at = end;
  }
  size_t kept = 0;
  size_t starter = items.size();  // none yet
  for (const Item item : items) {
    const bool has_starter = starter < kept;
    const uint8_t last = kept > 0 ? items[kept - 1].combining_class : uint8_t{0};
    const bool adjacent = has_starter && kept - 1 == starter;
    if (has_starter && (adjacent || (last != 0 && last < item.combining_class))) {
      const char32_t joined = tables.composed(items[starter].code_point, item.code_point);
      if (joined != 0) {
        items[starter].code_point = joined;
        continue;
      }
    }
    if (item.combining_class == 0) {
      starter = kept;
    }
    items[kept++] = item;
  }
  for (size_t i = 0; i < kept; ++i) {
    utf8::append(out, items[i].code_point);
  }
  items.clear();
}

}  // namespace

std::string nfc(std::string_view text) {
  const auto is_low = [](char c) { return static_cast<unsigned char>(c) < 0xCC; };
  if (std::all_of(text.begin(), text.end(), is_low)) {
    return std::string(text);  // all below U+0300
  }
  const auto& tables = Nfc::get();
  std::string out;
  out.reserve(text.size());
  std::vector<Item> items;
  // A code point joins the run before it unless it is inert; an inert one may still take what
  // follows.
  for (Cursor cursor(text); !cursor.done();) {
    const auto [code_point, next] = cursor.peek();
    if (tables.is_inert(code_point)) {
      compose(tables, items, out);
    }
    tables.decompose(code_point, items);
    cursor.move_to(next);
  }
  compose(tables, items, out);
  return out;
}

}  // namespace pio::text
