// SPDX-License-Identifier: Apache-2.0
// Options of the commands and their parser. The library that parses is seen by options.cpp alone,
// which takes longer to compile than all commands.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace CLI {  // NOLINT(readability-identifier-naming): its own
class App;
class Option;
}  // namespace CLI

namespace pio::apps {

/// What the caller wrote cannot be meant: exit code 2.
class UsageError : public std::runtime_error {
 public:
  explicit UsageError(const std::string& message) : std::runtime_error(message) {}
  /// "option: what is wrong with its value".
  UsageError(const std::string& option, const std::string& problem)
      : std::runtime_error(option + ": " + problem) {}
};

/// Least and greatest value of a number.
template <class T>
struct Range {
  T min, max;
};

/// An option that was added: what else must hold for it. It lives as long as its Parser.
class Option {
 public:
  explicit Option(CLI::Option& option) : option_(&option) {}

  /// It must be given, or need not be.
  Option required(bool is_required = true) const;
  /// It must not be given beside `other`.
  Option excludes(Option other) const;
  /// It must not be given without `other`.
  Option needs(Option other) const;
  /// Its value is one of these.
  Option one_of(const std::vector<std::string>& values) const;
  /// Its value is any text but none.
  Option not_empty() const;

 private:
  CLI::Option* option_;
};

/// Where a command adds its options. `names`: "-t,--threads", or "MODEL" for an argument without a
/// name. `value` is set by Parser::parse, if the option is given, and must live until then.
class Options {
 public:
  Options(CLI::App& app, std::function<int()>& chosen) : app_(&app), chosen_(&chosen) {}

  /// What the command is for.
  void description(const char* text);
  /// What the command does, its exit code as the result: Parser::parse returns it.
  void action(std::function<int()> action);

  Option add(const char* names, std::string& value, const char* help);
  Option add(const char* names, std::optional<std::string>& value, const char* help);
  /// Given several times, with one value each.
  Option add(const char* names, std::vector<std::string>& value, const char* help);
  /// A whole number in decimal digits: no spaces, no 0x, and 010 is ten.
  Option add(const char* names, int64_t& value, Range<int64_t> range, const char* help);
  Option add(const char* names, std::optional<int64_t>& value, Range<int64_t> range,
             const char* help);
  Option add(const char* names, std::optional<uint64_t>& value, Range<uint64_t> range,
             const char* help);
  /// A number, which NaN and infinity are not.
  Option add(const char* names, std::optional<double>& value, Range<double> range,
             const char* help);
  Option add_flag(const char* names, bool& value, const char* help);

  /// A named group: exactly one of the options added to it must be given.
  [[nodiscard]] Options add_choice(const char* name);

 private:
  CLI::App* app_;
  std::function<int()>* chosen_;
};

/// A program of commands: "NAME [options] COMMAND [options]", with --help, --help-all and
/// --version.
class Parser {
 public:
  Parser(const char* name, const char* description, const char* version);
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;
  ~Parser();

  /// The options in front of the command.
  [[nodiscard]] Options options();
  /// A command and its options.
  [[nodiscard]] Options add_command(const char* name);

  /// Sets what argv[1..] gives. Returns the command's action, or none if help or the version was
  /// asked for and printed instead. Errors: UsageError.
  [[nodiscard]] std::function<int()> parse(int argc, char** argv);

 private:
  std::unique_ptr<CLI::App> app_;
  std::function<int()> chosen_;
};

}  // namespace pio::apps
