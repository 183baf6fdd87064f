// SPDX-License-Identifier: Apache-2.0
// The tables of built-ins, one group a file. A new filter is a function and a line in its table.
#pragma once

#include <span>

#include "pio/text/jinja/runtime.h"

namespace pio::text::jinja {

/// upper, trim, replace, indent ...
[[nodiscard]] std::span<const Named<Filter>> text_filters();
/// first, join, sort, batch ...
[[nodiscard]] std::span<const Named<Filter>> sequence_filters();
/// map, select, reject, selectattr, rejectattr
[[nodiscard]] std::span<const Named<Filter>> select_filters();
/// int, float, round, abs, sum ...
[[nodiscard]] std::span<const Named<Filter>> number_filters();
/// default, string, safe, tojson, items ...
[[nodiscard]] std::span<const Named<Filter>> value_filters();

/// A way to an item's part: "a.b.0" or an index; empty: the item itself.
class AttributePath {
 public:
  AttributePath() = default;
  /// path: none, an integer or a dotted string. Errors: RunError for another kind.
  AttributePath(Runtime& runtime, const Value* path);
  /// The part of `item`; a part that is undefined becomes `otherwise` where that is given.
  [[nodiscard]] Value of(Runtime& runtime, const Value& item,
                         const Value* otherwise = nullptr) const;

 private:
  std::vector<Value> keys_;
};

/// value.lower() for a string unless case_sensitive: what sort, unique and others compare.
[[nodiscard]] Value fold_case(Runtime& runtime, const Value& value, bool case_sensitive);

/// sorted() by keys[i], stable; gives the order of indices.
[[nodiscard]] std::vector<size_t> sorted_order(Runtime& runtime, const std::vector<Value>& keys,
                                               bool reverse);

/// Runs `fill` at once and gives its items as an iterator. A failure in it is raised only where the
/// iterator is walked past them, as a generator of Python does; limits are raised at once.
template <class Fill>
[[nodiscard]] Value lazily(Runtime& runtime, Fill fill) {
  std::vector<Value> items;
  std::string error;
  try {
    fill(items);
  } catch (const LimitError&) {
    throw;
  } catch (const RunError& raised) {
    error = raised.what();
  }
  Value out = runtime.iterator(std::move(items));
  out.iterator().error = std::move(error);
  return out;
}

/// Text that keeps the markup flag of where it came from.
[[nodiscard]] Value like(Runtime& runtime, const Value& original, std::string text);

}  // namespace pio::text::jinja
