# SPDX-License-Identifier: Apache-2.0
"""Parameters of a C++ declaration as the Python function has them."""

import re
from dataclasses import dataclass

TYPES = {
    "Tensor": "Tensor",
    "RopeScaling": "dict | None",
    "Shape": "Sequence[int | Dim]",
    "DType": "str",
    "std::string_view": "str",
    "std::vector<int>": "Sequence[int]",
    "std::vector<Tensor>": "Sequence[Tensor]",
    "bool": "bool",
    "int": "int",
    "int64_t": "int",
    "float": "float",
    "double": "float",
}
DTYPES = {"DType::kF32": '"f32"', "DType::kI32": '"i32"'}


@dataclass
class Parameter:
    """name: type = default; doc: what an option's own comment says."""

    name: str
    type: str
    default: str = ""
    doc: str = ""

    def __str__(self) -> str:
        return f"{self.name}: {self.type}" + (f" = {self.default}" if self.default else "")


def parameters_of(
    text: str, structs: dict[str, list[tuple[str, str, str, str]]]
) -> list[Parameter]:
    """The parameters of a C++ list; a struct of options gives one per field."""
    out: list[Parameter] = []
    for item in re.split(r",\s*(?![^<{]*[>}])", text):
        match = re.match(r"(?:const )?([\w:<>]+)&? (\w+)(?: = (.*))?$", item.strip())
        if match is None:
            raise ValueError(f"not understood: {item}")
        kind, name, default = match[1], match[2], match[3] or ""
        if kind in structs:
            out += [_parameter(*option) for option in structs[kind]]
        else:
            out.append(_parameter(kind, name, default))
    return out


def _parameter(kind: str, name: str, default: str, doc: str = "") -> Parameter:
    optional = re.fullmatch(r"std::optional<(.*)>", kind)
    if optional:
        return Parameter(name, f"{TYPES[optional[1]]} | None", "None", doc)
    if kind == "RopeScaling":
        return Parameter(name, TYPES[kind], "None", doc)
    return Parameter(name, TYPES[kind], _default(default), doc)


def _default(text: str) -> str:
    """A C++ default in Python's words; a float as repr() shows it."""
    if text in ("true", "false"):
        return text.capitalize()
    if text in DTYPES:
        return DTYPES[text]
    number = re.fullmatch(r"(-?[\d.]+(?:e-?\d+)?)f?", text)
    if number and re.search(r"[.e]", text):
        return repr(float(number[1]))
    return text
