// SPDX-License-Identifier: Apache-2.0
// bench: prompt and generation speed, beside the limits of the machine.
#include <span>

#include "../bench/report.h"
#include "../command.h"
#include "pio/base/error.h"
#include "pio/formats/atomic_file.h"
#include "pio/plugin/model_plugin.h"

namespace pio::apps {
namespace {

struct Bench {
  ModelOptions model;
  BenchShape shape;
  bool profile = false;
  std::string picture;
  bool no_limits = false;
  bool json = false;
};

// The context that the tests need: a prompt's first token takes a position as well.
int64_t needed_context(const Bench& o) {
  const BenchShape& s = o.shape;
  const int64_t prompts = s.prompt > 0 ? s.depth + s.prompt + 1 : 1;
  const int64_t answers = s.tokens > 0 ? std::max<int64_t>(s.depth, 1) + s.tokens + 1 : 1;
  const int64_t needed = std::max(prompts, answers);
  const int64_t given = o.model.context > 0 ? o.model.context : needed;
  PIO_CHECK(given >= needed, "-p ", s.prompt, " -n ", s.tokens, " -d ", s.depth,
            " needs a context of ", needed, " tokens, --ctx is ", given);
  return given;
}

void write_picture(const std::string& path, const std::string& svg) {
  formats::AtomicFile file(path);
  file.write(std::as_bytes(std::span(svg)));
  file.commit();
}

int bench(const Bench& o) {
  plugin::LoadOptions load = o.model.load_options();
  load.context = needed_context(o);
  load.sequences = o.shape.parallel;
  const auto device = load.device;
  const auto model = load_model(o.model, load);
  const bool profile = o.profile || !o.picture.empty();
  std::optional<kernels::Limits> limits;
  if (!o.no_limits) {
    limits = kernels::probe_limits(device, model->runner().plans().weights().size_bytes());
  }
  Bencher bencher(*model, o.shape, profile);
  std::vector<BenchRow> rows;
  const std::string suffix = o.shape.depth > 0 ? concat("@d", o.shape.depth) : "";
  if (o.shape.prompt > 0) {
    rows.push_back({concat("pp", o.shape.prompt, suffix), true, o.shape, device->workers(), bencher.prompts()});
  }
  if (o.shape.tokens > 0) {
    rows.push_back({concat("tg", o.shape.tokens, suffix), false, o.shape, device->workers(), bencher.answers()});
  }
  json::Array objects;
  std::string text = limits && !rows.empty() ? concat("limits         ", limits_text(*limits), "\n") : "";
  for (const BenchRow& row : rows) {
    objects.push_back(bench_json(row, limits));
    text += bench_line(row, limits);
    if (profile) {
      text += profile_table(row.result.profile, *limits);
    }
  }
  if (!o.picture.empty()) {
    std::vector<TitledProfile> profiles;
    for (const BenchRow& row : rows) {
      profiles.push_back({row.test, &row.result.profile});
    }
    write_picture(o.picture, profile_svg(profiles, *limits));
  }
  print(o.json ? json::Value(std::move(objects)).dump() + "\n" : text);
  return kExitOk;
}

}  // namespace

void add_bench(Options& options) {
  options.description("Prompt and generation speed, beside the limits of this machine");
  const auto o = std::make_shared<Bench>();
  o->model.add_to(options);
  BenchShape& shape = o->shape;
  options.add("-p", shape.prompt, {0, 1 << 24}, "Prompt tokens; 0: no such test");
  options.add("-n", shape.tokens, {0, 1 << 24}, "Generated tokens; 0: no such test");
  options.add("-d", shape.depth, {0, 1 << 24}, "Tokens in the cache before");
  options.add("--parallel", shape.parallel, {1, 1024}, "Sequences at once");
  options.add("-r", shape.repetitions, {1, 1000}, "Repetitions, behind one that is dropped");
  const Option profile = options.add_flag("--profile", o->profile, "Time, bytes and share of the limit by kernel");
  const Option picture = options.add("--profile-svg", o->picture, "File to draw that to: F.svg").not_empty();
  options.add_flag("--no-limits", o->no_limits, "Do not probe the limits").excludes(profile).excludes(picture);
  options.add_flag("--json", o->json, "As JSON");
  options.action([o] { return bench(*o); });
}

}  // namespace pio::apps
