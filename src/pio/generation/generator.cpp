// SPDX-License-Identifier: Apache-2.0
#include "pio/generation/generator.h"

#include "pio/base/error.h"

namespace pio::generation {

Generator::Generator(Runner& runner, std::shared_ptr<const text::Tokenizer> tokenizer,
                     std::unordered_set<int32_t> eos)
    : runner_(runner),
      tokenizer_(std::move(tokenizer)),
      eos_(std::move(eos)),
      scheduler_(runner.plans().max_rows(), runner.options().sequences, runner.blocks()) {
  pieces_.reserve(static_cast<size_t>(runner.options().sequences));
  tokens_.reserve(pieces_.capacity());
}

std::shared_ptr<Sequence> Generator::submit(Request request) {
  for (const int32_t id : request.ids) {
    PIO_CHECK(id >= 0 && id < runner_.vocab(), "token id ", id, " is outside the vocabulary of ",
              runner_.vocab());
  }
  auto sequence =
      std::make_shared<Sequence>(std::move(request), tokenizer_, runner_.options().context);
  scheduler_.add(sequence);
  return sequence;
}

bool Generator::step() noexcept {
  const auto scheduled = scheduler_.schedule();
  if (scheduled.empty()) {
    return false;
  }
  pieces_.clear();
  for (const Scheduled& item : scheduled) {
    const Sequence& sequence = *item.sequence;
    pieces_.push_back({.ids = sequence.pending().first(static_cast<size_t>(item.count)),
                       .position = sequence.computed(),
                       .pages = sequence.pages(),
                       .wanted = item.wants_token ? 1 : 0,
                       .rule = sequence.rule(),
                       .history = item.wants_token ? sequence.history() : std::span<const int32_t>()});
  }
  runner_.run(pieces_);
  size_t wanted = 0;
  for (const Scheduled& item : scheduled) {
    wanted += item.wants_token ? 1 : 0;
  }
  tokens_.resize(wanted);  // within what was reserved
  runner_.executor().read_tokens(tokens_);
  scheduler_.commit(tokens_, eos_);
  return true;
}

GenerationResult Generator::generate(Request request) {
  const auto sequence = submit(std::move(request));
  while (!sequence->is_finished() && step()) {
  }
  return sequence->take_result();
}

}  // namespace pio::generation
