// SPDX-License-Identifier: Apache-2.0
// The only user of PCRE2.
#include "pio/text/regex_matcher.h"

#include <ctime>

#include "pio/base/error.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

namespace pio::text {
namespace {

constexpr uint32_t kMatchLimit = 10'000'000;  // steps from one start: about 50 ms
constexpr uint32_t kHeapLimitKib = 32 * 1024;
constexpr uint32_t kDepthLimit = 1'000'000;
constexpr size_t kJitStackBytes = size_t{1} << 20;
constexpr int64_t kBudgetNs = 40'000'000;  // for a text, and again for each KiB of it

template <auto Free>
struct Freer {
  template <class T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};
using MatchData = std::unique_ptr<pcre2_match_data, Freer<pcre2_match_data_free>>;
using MatchContext = std::unique_ptr<pcre2_match_context, Freer<pcre2_match_context_free>>;
using JitStack = std::unique_ptr<pcre2_jit_stack, Freer<pcre2_jit_stack_free>>;

int64_t now_ns(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

struct MatchState::Scratch {
  explicit Scratch(size_t text_bytes)
      : budget_ns(kBudgetNs + static_cast<int64_t>(text_bytes) * kBudgetNs / 1024) {}

  // The cheap clock first: only the thread's own time counts, and asking for that is a system call.
  [[nodiscard]] bool is_over_budget() const {
    return now_ns(CLOCK_MONOTONIC) - wall_start_ns > budget_ns &&
           now_ns(CLOCK_THREAD_CPUTIME_ID) - cpu_start_ns > budget_ns;
  }

  int64_t budget_ns;
  int64_t wall_start_ns = now_ns(CLOCK_MONOTONIC);
  int64_t cpu_start_ns = now_ns(CLOCK_THREAD_CPUTIME_ID);
  MatchData data;
  MatchContext context;
  JitStack stack;
};

MatchState::MatchState(size_t text_bytes) : scratch_(std::make_unique<Scratch>(text_bytes)) {}
MatchState::~MatchState() = default;

struct RegexMatcher::Code {
  std::unique_ptr<pcre2_code, Freer<pcre2_code_free>> code;
};

RegexMatcher::RegexMatcher(std::string_view pattern, std::string_view where)
    : code_(std::make_unique<Code>()), where_(where) {
  // The callout comes at each start, where the budget is checked.
  const std::string text = "(?C1)(?:" + pcre2_pattern(pattern, where) + ")";
  const std::unique_ptr<pcre2_compile_context, Freer<pcre2_compile_context_free>> context(
      pcre2_compile_context_create(nullptr));
  pcre2_set_newline(context.get(), PCRE2_NEWLINE_LF);
  int error = 0;
  PCRE2_SIZE at = 0;
  // In Oniguruma ^ and $ always mean lines.
  code_->code.reset(
      pcre2_compile(reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(),
                    PCRE2_UTF | PCRE2_MULTILINE | PCRE2_NO_AUTO_CAPTURE | PCRE2_NEVER_BACKSLASH_C,
                    &error, &at, context.get()));
  if (!code_->code) {
    PCRE2_UCHAR message[128] = {};
    pcre2_get_error_message(error, message, sizeof message);
    fail(ErrorCode::kBadFile, concat(where, ": pattern \"", escaped(pattern),
                                     "\": ", reinterpret_cast<const char*>(message)));
  }
  pcre2_jit_compile(code_->code.get(),
                    PCRE2_JIT_COMPLETE);  // where it fails, matching is only slower
}

RegexMatcher::~RegexMatcher() = default;

void RegexMatcher::find(std::string_view text, MatchState& state, std::vector<Span>& out) const {
  auto& scratch = *state.scratch_;
  if (!scratch.data) {
    scratch.data.reset(pcre2_match_data_create(1, nullptr));
    scratch.context.reset(pcre2_match_context_create(nullptr));
    scratch.stack.reset(pcre2_jit_stack_create(32 * 1024, kJitStackBytes, nullptr));
    pcre2_set_match_limit(scratch.context.get(), kMatchLimit);
    pcre2_set_depth_limit(scratch.context.get(), kDepthLimit);
    pcre2_set_heap_limit(scratch.context.get(), kHeapLimitKib);
    pcre2_jit_stack_assign(scratch.context.get(), nullptr, scratch.stack.get());
    pcre2_set_callout(
        scratch.context.get(),
        [](pcre2_callout_block* /*block*/, void* data) {
          return static_cast<const MatchState::Scratch*>(data)->is_over_budget()
                     ? PCRE2_ERROR_CALLOUT
                     : 0;
        },
        &scratch);
  }
  const auto* subject = reinterpret_cast<PCRE2_SPTR>(text.data());
  size_t at = 0;
  size_t last_end = SIZE_MAX;
  while (at <= text.size()) {
    int status = pcre2_match(code_->code.get(), subject, text.size(), at, PCRE2_NO_UTF_CHECK,
                             scratch.data.get(), scratch.context.get());
    if (status == PCRE2_ERROR_JIT_STACKLIMIT) {
      status =
          pcre2_match(code_->code.get(), subject, text.size(), at,
                      PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT, scratch.data.get(), scratch.context.get());
    }
    if (status == PCRE2_ERROR_NOMATCH) {
      return;
    }
    if (status < 0) {
      fail(ErrorCode::kInvalidArgument,
           concat(where_, ": the pattern takes too long on this text of ", text.size(), " bytes"));
    }
    const auto* found = pcre2_get_ovector_pointer(scratch.data.get());
    const size_t begin = found[0];
    const size_t end = found[1];
    if (begin == end && end == last_end) {
      // An empty match right behind a match does not count: go on behind the next code point.
      do {
        ++at;
      } while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80);
      continue;
    }
    out.push_back({static_cast<uint32_t>(begin), static_cast<uint32_t>(end)});
    at = last_end = end;
  }
}

}  // namespace pio::text
