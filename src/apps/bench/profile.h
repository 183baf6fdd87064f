// SPDX-License-Identifier: Apache-2.0
// Where the time of a test goes, by kernel.
#pragma once

#include <chrono>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "pio/base/json.h"
#include "pio/kernels/limits.h"
#include "pio/kernels/work.h"

namespace pio::apps {

/// Sums over calls: of one kernel, or of all.
struct ProfileRow {
  std::string name;
  int64_t calls = 0;
  double seconds = 0;
  kernels::Work work;
};

/// Times and work of the launches of a test.
class Profile {
 public:
  /// Counts a launch that took so long.
  void add(const kernels::Launch& launch, std::chrono::nanoseconds took);

  /// One row for each kernel and shape, the longest first.
  [[nodiscard]] std::vector<ProfileRow> rows() const;
  [[nodiscard]] const ProfileRow& total() const noexcept { return total_; }

 private:
  std::map<std::string, ProfileRow> rows_;
  ProfileRow total_{.name = "all"};
};

/// The rows with time, share of the time, bytes, and share of the limit, as a table of text.
[[nodiscard]] std::string profile_table(const Profile& profile, const kernels::Limits& limits);
/// The same: [{kernel, calls, seconds, weight_bytes, cache_bytes, value_bytes, int8_ops, f32_ops, limit_share}].
[[nodiscard]] json::Array profile_json(const Profile& profile, const kernels::Limits& limits);
/// A test's profile under the name that its picture shows.
struct TitledProfile {
  std::string title;
  const Profile* profile;
};
/// The same of several tests as a picture: a bar for each row, its dark part what the limits would leave of it.
[[nodiscard]] std::string profile_svg(std::span<const TitledProfile> profiles, const kernels::Limits& limits);

}  // namespace pio::apps
