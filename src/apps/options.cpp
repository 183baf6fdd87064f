// SPDX-License-Identifier: Apache-2.0
#include "options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <string_view>

#include "pio/base/error.h"

namespace pio::apps {

namespace {

// The number that all of `text` is in decimal, within the range.
template <class T>
bool parse_number(const std::string& text, Range<T> range, T& out) {
  const char* end = text.data() + text.size();
  const auto [next, error] = std::from_chars(text.data(), end, out);
  return error == std::errc() && next == end && out >= range.min &&
         out <= range.max;  // a NaN is in no range
}

// Stricter than the parser's own reading.
template <class T>
CLI::Validator number_in(Range<T> range) {
  const std::string limits = concat(range.min, " to ", range.max);
  const auto check = [=](std::string& text) {
    T value{};
    if (!parse_number(text, range, value)) {
      constexpr const char* kKind = std::is_integral_v<T> ? "a whole number" : "a number";
      return concat("\"", escaped(text), "\": expected ", kKind, " from ", limits);
    }
    if constexpr (std::is_integral_v<T>) {
      text = std::to_string(value);  // CLI11 would read 010 as eight
    }
    return std::string();
  };
  return CLI::Validator(check, limits);
}

// The arguments behind the program's name, last first, as CLI::App::parse wants them. "--name=" of
// an option with a value becomes "--name" and an empty text: CLI11 2.1 would take the next
// argument.
std::vector<std::string> parser_arguments(const CLI::App& app, int argc, char** argv) {
  std::vector<std::string> out;
  const CLI::App* command = nullptr;
  bool is_option = true;  // until "--"
  for (int i = 1; i < argc; ++i) {
    const std::string_view text = argv[i];
    is_option = is_option && text != "--";
    const auto named = app.get_subcommands(
        [&](const CLI::App* one) { return command == nullptr && one->get_name() == text; });
    command = named.empty() ? command : named.front();
    if (is_option && command != nullptr && text.starts_with("--") && text.ends_with('=')) {
      const std::string name(text.substr(0, text.size() - 1));
      const CLI::Option* option = command->get_option_no_throw(name);
      if (option != nullptr && option->get_items_expected_max() > 0) {
        out.push_back(name);
        out.emplace_back();
        continue;
      }
    }
    out.emplace_back(text);
  }
  std::ranges::reverse(out);
  return out;
}

// CLI11's own words, but for a command that there is not: it would ask for one and not say what it
// saw.
UsageError missing(const CLI::App& app, const CLI::RequiredError& error) {
  const auto unknown = app.remaining();
  if (!app.get_subcommands().empty() || unknown.empty()) {
    return UsageError(error.what());
  }
  const char* kind = unknown[0].starts_with('-') ? "option" : "command";
  return UsageError(concat("unknown ", kind, " \"", escaped(unknown[0]), "\"; see --help"));
}

}  // namespace

Option Option::required(bool is_required) const {
  option_->required(is_required);
  return *this;
}

Option Option::excludes(Option other) const {
  option_->excludes(other.option_);
  return *this;
}

Option Option::needs(Option other) const {
  option_->needs(other.option_);
  return *this;
}

Option Option::one_of(const std::vector<std::string>& values) const {
  option_->check(CLI::IsMember(values));
  return *this;
}

Option Option::not_empty() const {
  const auto check = [](std::string& text) { return std::string(text.empty() ? "is empty" : ""); };
  option_->check(CLI::Validator(check, ""));
  return *this;
}

void Options::description(const char* text) { app_->description(text); }

void Options::action(std::function<int()> action) {
  app_->callback([action = std::move(action), chosen = chosen_] { *chosen = action; });
}

Option Options::add(const char* names, std::string& value, const char* help) {
  return Option(*app_->add_option(names, value, help));
}

Option Options::add(const char* names, std::optional<std::string>& value, const char* help) {
  return Option(*app_->add_option(names, value, help));
}

Option Options::add(const char* names, std::vector<std::string>& value, const char* help) {
  return Option(*app_->add_option(names, value, help)->allow_extra_args(false));
}

Option Options::add(const char* names, int64_t& value, Range<int64_t> range, const char* help) {
  return Option(*app_->add_option(names, value, help)->transform(number_in(range)));
}

Option Options::add(const char* names, std::optional<int64_t>& value, Range<int64_t> range,
                    const char* help) {
  return Option(*app_->add_option(names, value, help)->transform(number_in(range)));
}

Option Options::add(const char* names, std::optional<uint64_t>& value, Range<uint64_t> range,
                    const char* help) {
  return Option(*app_->add_option(names, value, help)->transform(number_in(range)));
}

Option Options::add(const char* names, std::optional<double>& value, Range<double> range,
                    const char* help) {
  return Option(*app_->add_option(names, value, help)->transform(number_in(range)));
}

Option Options::add_flag(const char* names, bool& value, const char* help) {
  return Option(*app_->add_flag(names, value, help));
}

Options Options::add_choice(const char* name) {
  CLI::App* group = app_->add_option_group(name);
  group->require_option(1);
  return {*group, *chosen_};
}

Parser::Parser(const char* name, const char* description, const char* version)
    : app_(std::make_unique<CLI::App>(description, name)) {
  app_->set_version_flag("--version", version);
  app_->require_subcommand(1);
  app_->set_help_all_flag("--help-all", "Help of every command");
}

Parser::~Parser() = default;

Options Parser::options() { return {*app_, chosen_}; }

Options Parser::add_command(const char* name) { return {*app_->add_subcommand(name), chosen_}; }

std::function<int()> Parser::parse(int argc, char** argv) {
  try {
    app_->parse(parser_arguments(*app_, argc, argv));
  } catch (const CLI::Success& done) {
    app_->exit(done);  // prints
    return {};
  } catch (const CLI::RequiredError& error) {
    throw missing(*app_, error);
  } catch (const CLI::ParseError& error) {
    throw UsageError(error.what());
  }
  return chosen_;
}

}  // namespace pio::apps
