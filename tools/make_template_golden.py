# SPDX-License-Identifier: Apache-2.0
"""Fills in the outputs of tests/golden/chat_template/*.json as transformers renders them.

Each file holds "variables" that all of its cases share and "cases". A case has a "template" of its own,
or the file names a "template_file"; a case may have "variables" of its own. To add a case, write it
without "output" and run:

    pip install jinja2==3.1.6
    python tools/make_template_golden.py tests/golden/chat_template/*.json

The environment is that of transformers' apply_chat_template, with the clock at NOW.
"""

from __future__ import annotations

import datetime
import json
import sys
from pathlib import Path
from typing import Any

import jinja2
import jinja2.ext
from jinja2 import nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

NOW = datetime.datetime(2024, 7, 15, 12, 34, 56)


class Generation(jinja2.ext.Extension):
    """{% generation %} ... {% endgeneration %}, a block that prints its body."""

    tags = {"generation"}

    def parse(self, parser: Any) -> nodes.Node:
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        return nodes.CallBlock(self.call_method("_body"), [], [], body).set_lineno(line)

    def _body(self, caller: Any) -> str:
        return caller()


def raise_exception(message: str) -> None:
    raise jinja2.TemplateError(message)


def tojson(value: Any, ensure_ascii: bool = False, indent: Any = None, separators: Any = None,
           sort_keys: bool = False) -> str:
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators,
                      sort_keys=sort_keys)


def environment() -> jinja2.Environment:
    env = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True,
                                        extensions=[Generation, jinja2.ext.loopcontrols])
    env.filters["tojson"] = tojson
    env.globals["raise_exception"] = raise_exception
    env.globals["strftime_now"] = lambda text: NOW.strftime(text)
    return env


def fill(path: Path) -> None:
    golden = json.loads(path.read_text(encoding="utf-8"))
    env = environment()
    shared = golden.get("variables", {})
    if "template_file" in golden:
        template = (path.parent / golden["template_file"]).read_text(encoding="utf-8")
    for case in golden["cases"]:
        case.pop("output", None)
        case.pop("error", None)
        variables = {**shared, **case.get("variables", {})}
        try:
            case["output"] = env.from_string(case.get("template") or template).render(**variables)
        except jinja2.TemplateSyntaxError:
            case["error"] = "syntax"
        except jinja2.TemplateError as error:
            case["error"] = error.message if type(error) is jinja2.TemplateError else "run"
        except Exception:  # whatever Python raises within the template
            case["error"] = "run"
    golden["made_with"] = {"jinja2": jinja2.__version__, "now": NOW.isoformat()}
    cases = ",\n".join("  " + json.dumps(case, ensure_ascii=True) for case in golden.pop("cases"))
    head = json.dumps(golden, ensure_ascii=True, indent=1)[:-2]
    path.write_text(head + ',\n "cases": [\n' + cases + "\n ]\n}\n", encoding="utf-8")


if __name__ == "__main__":
    for name in sys.argv[1:]:
        fill(Path(name))
