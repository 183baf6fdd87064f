// SPDX-License-Identifier: Apache-2.0
#include "profile.h"

#include <algorithm>
#include <cstdio>

#include "pio/base/error.h"

namespace pio::apps {
namespace {

template <class... Values>
std::string line(const char* format, Values... values) {
  char out[256];
  std::snprintf(out, sizeof(out), format, values...);
  return out;
}

double limit_share(const ProfileRow& row, const kernels::Limits& limits) {
  return row.seconds > 0 ? limits.seconds_for(row.work) / row.seconds : 0;
}

}  // namespace

void Profile::add(const kernels::Launch& launch, std::chrono::nanoseconds took) {
  const std::string name = kernels::describe(launch);
  ProfileRow& row = rows_[name];
  row.name = name;
  const kernels::Work work = kernels::work_of(launch);
  for (ProfileRow* sum : {&row, &total_}) {
    ++sum->calls;
    sum->seconds += std::chrono::duration<double>(took).count();
    sum->work += work;
  }
}

std::vector<ProfileRow> Profile::rows() const {
  std::vector<ProfileRow> out;
  for (const auto& [name, row] : rows_) {
    out.push_back(row);
  }
  std::ranges::stable_sort(out, std::greater(), &ProfileRow::seconds);
  return out;
}

std::string profile_table(const Profile& profile, const kernels::Limits& limits) {
  std::string out = line("  %-28s %8s %10s %7s %9s %10s %8s\n", "kernel", "calls", "ms", "time", "GB/s", "Gop/s",
                         "of limit");
  const double all = profile.total().seconds;
  const auto add = [&](const ProfileRow& row) {
    const double seconds = std::max(row.seconds, 1e-9);
    const double ops = static_cast<double>(row.work.dot_ops + row.work.float_ops + row.work.bf16_ops);
    out += line("  %-28s %8lld %10.3f %5.1f %% %9.1f %10.1f %6.1f %%\n", row.name.c_str(),
                static_cast<long long>(row.calls), row.seconds * 1e3, row.seconds / all * 100,
                static_cast<double>(row.work.bytes()) / seconds / 1e9, ops / seconds / 1e9,
                limit_share(row, limits) * 100);
  };
  for (const ProfileRow& row : profile.rows()) {
    add(row);
  }
  add(profile.total());
  return out;
}

json::Array profile_json(const Profile& profile, const kernels::Limits& limits) {
  json::Array out;
  for (const ProfileRow& row : profile.rows()) {
    out.push_back(json::Object{{"kernel", row.name},
                               {"calls", row.calls},
                               {"seconds", row.seconds},
                               {"weight_bytes", row.work.weight_bytes},
                               {"cache_bytes", row.work.cache_bytes},
                               {"value_bytes", row.work.value_bytes},
                               {"int8_ops", row.work.dot_ops},
                               {"f32_ops", row.work.float_ops},
                               {"bf16_ops", row.work.bf16_ops},
                               {"limit_share", limit_share(row, limits)}});
  }
  return out;
}

std::string profile_svg(std::span<const TitledProfile> profiles, const kernels::Limits& limits) {
  constexpr int kRow = 22;
  constexpr int kLeft = 220;
  constexpr int kBar = 460;
  constexpr int kWidth = kLeft + kBar + 160;
  std::string rows;
  int y = 0;
  const auto text = [&](double x, const char* style, const std::string& what) {
    rows += line("<text x=\"%.1f\" y=\"%d\"%s>", x, y + 16, style) + what + "</text>\n";
  };
  const auto bar = [&](double width, const char* color) {
    rows += line("<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>\n", kLeft, y + 3, width, kRow - 6, color);
  };
  for (const TitledProfile& one : profiles) {
    text(8, " font-weight=\"bold\"", one.title);
    y += kRow;
    const std::vector<ProfileRow> parts = one.profile->rows();
    for (const ProfileRow& row : parts) {
      const double width = row.seconds / parts.front().seconds * kBar;
      const double share = limit_share(row, limits);
      text(8, "", row.name);
      bar(width, "#c9d8ea");
      bar(width * std::min(share, 1.0), "#2a5c94");
      text(kLeft + width + 6, "", line("%.1f ms, %.0f %% of the limit", row.seconds * 1e3, share * 100));
      y += kRow;
    }
  }
  text(8, " fill=\"#555555\"", "bars: time; their dark part: what the limits would leave of it");
  y += kRow;
  return line("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\" "
              "font-size=\"12\">\n<rect width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>\n", kWidth, y, kWidth, y) +
         rows + "</svg>\n";
}

}  // namespace pio::apps
