// SPDX-License-Identifier: Apache-2.0
// Rows C01-C14 of reference/hostile_inputs.md, and attacks on the engine's own budgets. Each must
// end within a second (more under sanitizers), with an error value and bounded memory.
#include <gtest/gtest.h>

#include <ctime>
#include <string>

#include "pio/base/error.h"
#include "pio/base/json.h"
#include "pio/text/chat_template.h"

namespace pio::text {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr double kMaxSeconds = 20;
#else
constexpr double kMaxSeconds = 1;
#endif

std::string repeated(const std::string& text, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) {
    out += text;
  }
  return out;
}

json::Object conversation() {
  return {{"messages", json::Array{json::Object{{"role", "user"}, {"content", "hi"}}}},
          {"d", json::Object{{"a", 1}}},
          {"s", "text"}};
}

// The output, or "error: " and the message.
std::string outcome(const std::string& text) {
  const std::clock_t start = std::clock();  // of this process: other load does not count
  std::string out;
  try {
    out = ChatTemplate(text, "t").render(conversation());
  } catch (const Error& error) {
    out = std::string("error: ") + error.what();
  }
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  EXPECT_LT(seconds, kMaxSeconds) << text.substr(0, 200);
  return out;
}

void expect_error(const std::string& text, const std::string& part) {
  const std::string out = outcome(text);
  EXPECT_EQ(out.rfind("error: ", 0), 0u) << text.substr(0, 200) << "\ngave " << out.substr(0, 200);
  EXPECT_NE(out.find(part), std::string::npos) << text.substr(0, 200) << "\n" << out.substr(0, 300);
}

TEST(JinjaHostile, C01RangeIsBounded) {
  expect_error("{% for i in range(10**9) %}{% endfor %}", "range limit");
  expect_error("{{ range(100001) }}", "range limit");
  expect_error("{{ range(-9223372036854775807, 9223372036854775807) }}", "range limit");
  EXPECT_EQ(outcome("{{ range(100000)|length }}"), "100000");
}

TEST(JinjaHostile, C02LoopsAreBounded) {
  expect_error("{% for i in range(25000) %}{% for j in range(25000) %}{% endfor %}{% endfor %}",
               "step limit");
  expect_error(
      "{% for i in range(99999) %}{% for j in range(99999) %}{{ i*j }}{% endfor %}{% endfor %}",
      "limit");
  expect_error("{% for i in [1] recursive %}{{ loop([1]) }}{% endfor %}", "recursion limit");
  expect_error("{% for i in [1, 2] recursive %}{% set x = loop([1, 2]) %}{% endfor %}",
               "recursion limit");
}

TEST(JinjaHostile, C03MacrosDoNotRecurseForever) {
  expect_error("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "recursion limit");
  expect_error(
      "{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{{ a() }}{% endmacro %}{{ a() }}",
      "recursion limit");
  expect_error("{% macro m() %}{% call m() %}{% endcall %}{{ caller() }}{% endmacro %}{{ m() }}",
               "recursion limit");
  const std::string deep = repeated("(", 150) + "m()" + repeated(")", 150);
  expect_error("{% macro m() %}{{ " + deep + " }}{% endmacro %}{{ m() }}", "recursion limit");
  const std::string blocks = repeated("{% if true %}{% for i in [1] %}", 90) + "{{ m() }}" +
                             repeated("{% endfor %}{% endif %}", 90);
  expect_error("{% macro m() %}" + blocks + "{% endmacro %}{{ m() }}", "recursion limit");
}

TEST(JinjaHostile, C04NestingIsBounded) {
  for (const char* open : {"(", "[", "{'a':", "not ", "-", "+", "[[1][", "f(", "s|d(", "{1:{2:"}) {
    expect_error("{{ " + repeated(open, 60000), "nest");
  }
  expect_error(repeated("{% if true %}", 60000), "nest");
  expect_error(repeated("{% for a in b %}", 60000), "nest");
  expect_error(repeated("{% macro m() %}", 60000), "nest");
  expect_error("{% for " + repeated("(", 60000), "nest");
  expect_error("{% set " + repeated("(", 60000), "nest");
  // Chains nest the tree without brackets.
  for (const char* link : {"+1", ".a", "|d", "[0]", "()", " and 1", " or 1", " if 1",
                           " is defined|d", "*1", "**1", " if 1 else 1"}) {
    expect_error("{{ 1" + repeated(link, 60000) + " }}", "nest");
  }
  EXPECT_EQ(outcome("{{ 1" + repeated("+1", 300) + " }}"), "301");
  EXPECT_EQ(outcome("{{ 1" + repeated("~1", 5000) + " }}").size(), 5001u);
  EXPECT_EQ(outcome("{{ " + repeated("(", 150) + "1" + repeated(")", 150) + " }}"), "1");
}

TEST(JinjaHostile, C05OutputIsBounded) {
  const char* bombs[] = {"{{ '-' * 10**10 }}",
                         "{{ s|indent(10**9) }}",
                         "{{ ['a']|tojson(indent=10**9) }}",
                         "{{ '%999999999d' % 1 }}",
                         "{{ '%.999999999f' % 1 }}",
                         "{{ '%*d' % (10**12, 1) }}",
                         "{{ '{:999999999}'.format(1) }}",
                         "{{ '{:.999999999f}'.format(1.5) }}",
                         "{{ '{:>999999999}'.format('a') }}",
                         "{{ s.center(10**9) }}{{ s|center(10**9) }}",
                         "{{ s.ljust(10**10) }}",
                         "{{ s.zfill(10**10) }}",
                         "{{ ('\\t' * 1000).expandtabs(10**9) }}",
                         "{{ ('a' * 10**6).replace('a', 'a' * 10**6) }}",
                         "{{ ('a' * 10**6)|replace('', 'b' * 100) }}",
                         "{{ (['a'] * 10**5)|join('b' * 1000) }}",
                         "{{ ('b' * 1000).join(['a'] * 10**5) }}",
                         "{% for i in range(1000) %}{{ 'a' * 10**5 }}{% endfor %}",
                         "{{ ('&' * 10**7)|e }}",
                         "{{ ('\\n' * 10**6)|indent(100, blank=true) }}"};
  for (const char* bomb : bombs) {
    expect_error(bomb, "limit");
  }
  expect_error(
      "{% set ns = namespace(x='ab') %}{% for i in range(60) %}{% set ns.x = ns.x ~ ns.x %}"
      "{% endfor %}",
      "output limit");
  expect_error(
      "{% set ns = namespace(x='ab') %}{% for i in range(60) %}{% set ns.x = ns.x + ns.x %}"
      "{% endfor %}",
      "output limit");
  expect_error("{% macro m(n) %}{{ 'a' * 10**6 }}{{ m(n+1) }}{% endmacro %}{{ m(0) }}", "limit");
}

TEST(JinjaHostile, C05MemoryAndWorkAreBounded) {
  const char* bombs[] = {
      "{{ [1] * 10**10 }}",
      "{{ (1,) * 10**12 }}",
      "{{ ('a' * 16000000)|list }}",
      "{{ ('a ' * 8000000).split() }}",
      "{{ ('a,' * 8000000).split(',') }}",
      "{{ ('\\n' * 16000000).splitlines() }}",
      "{{ range(100000)|batch(10**9, 0)|list }}",
      "{{ range(10)|slice(10**9)|list }}",
      "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = ns.x + ns.x %}{% "
      "endfor %}",
      "{% set ns = namespace(x=[1]) %}{% for i in range(600) %}{% set ns.x = [ns.x, ns.x] %}{% "
      "endfor %}",
      "{% set ns = namespace(x=1) %}{% for i in range(99999) %}{% set ns.x = [ns.x] %}{% endfor %}",
      "{% set ns = namespace(x=(1,)) %}{% for i in range(150) %}{% set ns.x = (ns.x, ns.x) %}{% "
      "endfor %}"
      "{{ {ns.x: 1} }}",
      "{% for i in range(99999) %}{% set x = namespace() %}{% for j in range(99999) %}"
      "{% set y = namespace() %}{% endfor %}{% endfor %}",
      "{% for i in range(99999) %}{% macro m() %}{% endmacro %}{% endfor %}"
      "{% for i in range(99999) %}{% macro m() %}{% endmacro %}{% endfor %}"
      "{% for i in range(99999) %}{% macro m() %}{% endmacro %}{% endfor %}"};
  for (const char* bomb : bombs) {
    const std::string out = outcome(bomb);
    EXPECT_EQ(out.rfind("error: ", 0), 0u) << bomb << "\n" << out.substr(0, 100);
  }
  // Comparing two separate doublings would take 2^90 steps.
  const std::string doubling =
      "{% for i in range(90) %}{% set ns.x = [ns.x, ns.x] %}"
      "{% set ns.y = [ns.y, ns.y] %}{% endfor %}";
  const std::string head = "{% set ns = namespace(x=[], y=[]) %}" + doubling;
  expect_error(head + "{{ ns.x == ns.y }}", "step limit");
  expect_error(head + "{{ ns.x < ns.y }}", "step limit");
  expect_error(head + "{{ ns.x }}", "output limit");
  expect_error(head + "{{ ns.x|tojson }}", "limit");
  expect_error(
      "{% set a = 'a' * 10**7 %}{% for i in range(99999) %}{{ a|length }}{{ a.upper()[:1] }}"
      "{% endfor %}",
      "limit");
  expect_error(
      "{% set a = 'a' * 10**7 %}{% for i in range(99999) %}{% set b = a == a ~ '' %}{% endfor %}",
      "limit");
  expect_error(
      "{% set a = range(99999)|list %}{% for i in range(99999) %}{% set b = -1 in a %}"
      "{% endfor %}",
      "step limit");
  expect_error(
      "{% set a = {'b' * 10**7: 1} %}{% for i in range(99999) %}{% set b = a['b' * 10**7] %}"
      "{% endfor %}",
      "limit");
}

TEST(JinjaHostile, C06ArithmeticErrorsAreErrors) {
  expect_error("{{ 1 / 0 }}", "division by zero");
  expect_error("{{ 1 // 0 }}", "division by zero");
  expect_error("{{ 1 % 0 }}", "division by zero");
  expect_error("{{ 1.5 % 0 }}", "division by zero");
  expect_error("{{ 0 ** -1 }}", "division by zero");
  expect_error("{{ nothing.there }}", "'nothing' is undefined");
  expect_error("{{ s.nothing.there }}", "has no attribute 'nothing'");
  EXPECT_EQ(outcome("{{ messages[5] is defined }}{{ 'x'|int }}"), "False0");
  expect_error("{{ 9223372036854775807 + 1 }}", "64 bits");
  expect_error("{{ 9223372036854775807 * 2 }}", "64 bits");
  expect_error("{{ 2 ** 63 }}", "64 bits");
  expect_error("{{ 2 ** 10**9 }}", "64 bits");
  expect_error("{{ 9223372036854775808 }}", "64 bits");
  expect_error("{{ (-9223372036854775807 - 1) // -1 }}", "64 bits");
  expect_error("{{ -(-9223372036854775807 - 1) }}", "64 bits");
  expect_error("{{ (-9223372036854775807 - 1)|abs }}", "64 bits");
  expect_error("{{ '99999999999999999999'|int }}", "64 bits");
  expect_error("{{ 1e300|int }}", "64 bits");
  EXPECT_EQ(outcome("{{ (-9223372036854775807 - 1) % -1 }}"), "0");
  EXPECT_EQ(outcome("{{ range(0, 9223372036854775807, 9223372036854775807)|list }}"), "[0]");
}

TEST(JinjaHostile, C07UnterminatedPartsNameTheirPlace) {
  for (const char* text :
       {"ab{{ ", "ab{{ 1", "ab{% ", "ab{% if x", "ab{% if x %}", "ab{{ 'x }}", "ab{{ \"x\\",
        "ab{# x", "ab{% raw %} x", "ab{{ (1 }}", "ab{{ 1 ? 2 }}"}) {
    const std::string out = outcome(text);
    EXPECT_EQ(out.rfind("error: t:1:", 0), 0u) << text << " gave " << out;
  }
}

TEST(JinjaHostile, C08NoOtherTemplates) {
  for (const char* text : {"{% include 'x' %}", "{% import 'x' as y %}", "{% from 'x' import y %}",
                           "{% extends 'x' %}"}) {
    expect_error(text, "not available");
  }
  expect_error("{% do messages.append(1) %}", "unknown tag");
}

TEST(JinjaHostile, C09NoHostObjects) {
  expect_error("{{ ''.__class__.__mro__[1].__subclasses__() }}", "unsafe");
  expect_error("{{ self.__init__.__globals__ }}", "undefined");
  expect_error("{{ cycler.__init__ }}", "undefined");
  expect_error("{{ lipsum() }}", "undefined");
  expect_error("{{ raise_exception.__globals__.x }}", "unsafe");
  expect_error("{{ (s|attr('__class__')).x }}", "unsafe");
  expect_error("{{ s['__class__'].x }}", "no attribute");
  expect_error("{{ namespace.__init__.x }}", "unsafe");
  expect_error("{{ ([s]|map(attribute='__class__')|list)[0].x }}", "no attribute");
  expect_error("{% macro m() %}{% endmacro %}{{ m.__globals__.x }}", "unsafe");
  EXPECT_EQ(outcome("{{ ''.__class__ }}|{{ d.__class__ is defined }}"), "|False");
}

TEST(JinjaHostile, C10FormatReachesNoMore) {
  expect_error("{{ '{0.__class__.__mro__}'.format(1) }}", "unsafe");
  expect_error("{{ ''['format']('{0.__class__.x}', 1) ~ '{0.__class__.x}'['format'](1) }}",
               "unsafe");
  expect_error("{% set f = '{0.__init__.x}'.format %}{{ f(s) }}", "unsafe");
  expect_error("{{ '{a.__class__.x}'.format_map({'a': 1}) }}", "unsafe");
  expect_error(
      "{{ ['{0.__class__.x}']|map('format', s)|list ~ ('{0.__class__.x}'|safe).format(1) }}", "");
}

TEST(JinjaHostile, C11InputsCannotBeChanged) {
  for (const char* call :
       {"messages.append(1)", "messages.pop()", "messages.insert(0, 1)", "messages.extend([1])",
        "messages.clear()", "messages.reverse()", "messages.sort()", "messages.remove(1)",
        "d.pop('a')", "d.clear()", "d.update(b=1)", "d.setdefault('b', 1)", "d.popitem()"}) {
    expect_error(std::string("{{ ") + call + " }}", "unsafe");
  }
  const json::Object variables = conversation();
  const std::string before = json::Value(variables).dump();
  try {
    static_cast<void>(ChatTemplate("{% set x = d.update(b=2) %}", "t").render(variables));
    FAIL();
  } catch (const Error&) {
    EXPECT_EQ(json::Value(variables).dump(), before);
  }
}

TEST(JinjaHostile, C12VariablesAreOnlyVariables) {
  // Reserved names are the server's to refuse; here an extra cannot replace a message or a
  // function.
  const json::Object extras = {{"tokenize", true}, {"raise_exception", "mine"}, {"range", nullptr}};
  EXPECT_EQ(ChatTemplate("{{ tokenize }}{{ raise_exception }}{{ range }}", "t").render(extras),
            "TruemineNone");
}

TEST(JinjaHostile, C13RaiseExceptionGivesItsTextAlone) {
  EXPECT_EQ(outcome("{% if true %}{{ raise_exception('Only user roles!') }}{% endif %}"),
            "error: Only user roles!");
  EXPECT_EQ(outcome("{{ raise_exception(5) }}"), "error: 5");
}

TEST(JinjaHostile, C14OddMessagesAreTheTemplatesAffair) {
  const ChatTemplate parsed(
      "{% for m in messages %}{{ m.role }}:{{ m.content }}:{{ m.tool_call_id is defined }};{% "
      "endfor %}",
      "t");
  const json::Array messages = {json::Object{{"role", "hacker"}, {"content", nullptr}},
                                json::Object{{"role", "user"}, {"content", json::Array{1, "a"}}},
                                json::Object{{"role", "tool"}, {"content", 7}}, json::Object{}};
  EXPECT_EQ(parsed.render({{"messages", messages}}),
            "hacker:None:False;user:[1, 'a']:False;tool:7:False;::False;");
}

TEST(JinjaHostile, CyclesAndLongChainsAreFreed) {
  EXPECT_EQ(outcome("{% set ns = namespace() %}{% set ns.me = ns %}{{ ns.me.me is defined }}"),
            "True");
  EXPECT_EQ(
      outcome("{% set ns = namespace() %}{% macro m() %}{{ ns }}{% endmacro %}{% set ns.m = m %}x"),
      "x");
  EXPECT_EQ(outcome("{% for i in [1] %}{{ loop.changed(loop) }}{% endfor %}"), "True");
  // Each round holds the one before; freeing them must not recurse.
  outcome(
      "{% set ns = namespace() %}{% for i in range(99999) %}{% set n = namespace(p=ns.p) %}"
      "{% set ns.p = n %}{% endfor %}");
  outcome(
      "{% set ns = namespace() %}{% for i in range(99999) %}{% set q = ns.p %}"
      "{% macro m() %}{{ q }}{% endmacro %}{% set ns.p = m %}{% endfor %}");
  outcome(
      "{% set ns = namespace() %}{% for i in range(99999) %}{% for y in [ns.p] %}"
      "{% set ns.p = loop %}{% endfor %}{% endfor %}");
  outcome(
      "{% set ns = namespace() %}{% for i in range(99999) %}{% set q = ns.p %}"
      "{% for y in [1] recursive %}{% set ns.p = loop %}{% endfor %}{% endfor %}");
  outcome(
      "{% set ns = namespace(p=s) %}{% for i in range(99999) %}{% set ns.p = joiner(ns.p) %}"
      "{% endfor %}");
  outcome(
      "{% set ns = namespace(p=[s]) %}{% for i in range(99999) %}{% set ns.p = [ns.p.index] %}"
      "{% endfor %}");
}

}  // namespace
}  // namespace pio::text
