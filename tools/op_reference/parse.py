# SPDX-License-Identifier: Apache-2.0
"""The public ops with their doc comments, read from the headers."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from .signature import Parameter, parameters_of

HEADERS = {
    "ops.h": "Layers and attention",
    "element_ops.h": "Element by element",
    "shape_ops.h": "Shapes",
    "reduce_ops.h": "Along one axis",
}
CPP_ONLY = {"scalar"}  # Python makes a Tensor of a number by itself
# Codes of pio::Error as their Python exceptions.
EXCEPTIONS = {"kInvalidArgument": "InvalidArgumentError"}
PARTS = ("Shapes", "Dtypes", "Errors", "Source")
# Parts that a comment has in its sentences, not under their word.
SAYS = {"Shapes": re.compile(r"\[|shape"), "Dtypes": re.compile(r"\b(f32|i32|dtype)\b")}
DECLARATION = re.compile(r"\[\[nodiscard\]\] Tensor (\w+)\((.*)\);$")
FIELD = re.compile(r"^\s+([\w:<>]+) (\w+)(?: = ([^;]+))?;(?:\s*///<\s*(.*))?$")


@dataclass(frozen=True)
class Group:
    """The ops of one header: its title, and what the header says of it."""

    title: str
    about: str


@dataclass
class Op:
    """An op: the group it is in, what its comment says, and its parts by their words."""

    name: str
    group: Group
    parameters: list[Parameter]
    text: str
    parts: dict[str, str] = field(default_factory=dict)

    @property
    def signature(self) -> str:
        """The Python signature."""
        return f"{self.name}({', '.join(map(str, self.parameters))}) -> Tensor"

    def missing(self) -> list[str]:
        """The parts that neither its own comment nor its header's has."""
        return [part for part in PARTS if part not in self.parts and not _says(self.text, part)]


def read_ops(engine: Path) -> list[Op]:
    """The ops of all headers, in their order there. `engine`: src/pio."""
    constants = _constants(engine / "kernels")
    return [op for file in HEADERS for op in _read_header(engine / "ops" / file, constants)]


def _read_header(file: Path, constants: dict[str, str]) -> list[Op]:
    source = re.sub(
        r"kernels::(k\w+)", lambda match: constants[match[1]], file.read_text(encoding="utf-8")
    )
    for code, exception in EXCEPTIONS.items():
        source = source.replace(code, exception)
    head, _, body = source.partition("#pragma once")
    head = " ".join(line[3:] for line in head.splitlines()[1:])
    about, of_all = _parts_of_all(head)
    group = Group(HEADERS[file.name], about)
    body = body.partition("namespace pio::ops {")[2].partition("}  // namespace pio::ops")[0]
    structs: dict[str, list[tuple[str, str, str, str]]] = {}
    out: list[Op] = []
    comment: list[str] = []
    # A declaration may go over several lines; a struct's closing brace ends the comment too.
    for line in re.sub(r"(?<=[,(])\n\s+", " ", body).replace("( ", "(").splitlines():
        if line.startswith("///"):
            if comment and comment[-1] == "":
                comment = []
            comment.append(line[4:])
        elif match := re.match(r"struct (\w+) \{", line):
            fields = structs.setdefault(match[1], [])
            comment = []
        elif structs and (match := FIELD.match(line)):
            fields.append((match[1], match[2], match[3] or "", match[4] or ""))
        elif match := DECLARATION.match(line):
            text = " ".join(part for part in comment if part)
            if match[1] not in CPP_ONLY:
                out.append(_op(match[1], group, parameters_of(match[2], structs), text, of_all))
            comment.append("")  # the next comment begins anew
        elif not line.strip():
            comment = []
    return out


def _op(
    name: str, group: Group, parameters: list[Parameter], text: str, of_all: dict[str, str]
) -> Op:
    pieces = re.split(r"\b(Errors|Source): ", text)
    op = Op(name, group, parameters, pieces[0].strip())
    own = {word: said.strip() for word, said in zip(pieces[1::2], pieces[2::2], strict=True)}
    for word in PARTS:
        said = own.get(word, "")
        if word == "Errors" and word in of_all:
            said = f"{of_all[word].rstrip('.')}; {said}" if said else of_all[word]
        elif not said and not _says(text, word):
            said = of_all.get(word, "")
        if said:
            op.parts[word] = said
    return op


def _says(text: str, part: str) -> bool:
    return part in SAYS and SAYS[part].search(text) is not None


def _parts_of_all(comment: str) -> tuple[str, dict[str, str]]:
    pieces = re.split(r"\b(Shapes|Dtypes|Errors|Source) of all: ", comment)
    return pieces[0].strip(), {
        word: said.strip() for word, said in zip(pieces[1::2], pieces[2::2], strict=True)
    }


def _constants(folder: Path) -> dict[str, str]:
    text = "".join(file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.h")))
    return dict(re.findall(r"inline constexpr int64_t (k\w+) = (\d+);", text))
