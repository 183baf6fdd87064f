# SPDX-License-Identifier: Apache-2.0
"""The reference of the ops: complete, as committed, and what the Python functions themselves say."""

import inspect
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import inference_pio

PROJECT = Path(__file__).resolve().parents[2]
TOOL = PROJECT / "tools" / "make_op_reference.py"
sys.path.insert(0, str(TOOL.parent))

from op_reference.header import docstring  # noqa: E402
from op_reference.parse import PARTS, Op, _read_header, read_ops  # noqa: E402

HEADER = """// SPDX-License-Identifier: Apache-2.0
// A group.
// Shapes of all: any shape.
// Errors of all: kInvalidArgument.
#pragma once
namespace pio::ops {
/// One. x: f32.
[[nodiscard]] Tensor first(const Tensor& x, const std::optional<float>& low = std::nullopt,
                           float scale = 1e-5f);
[[nodiscard]] Tensor second(const Tensor& x);

[[nodiscard]] Tensor third(const Tensor& x);
/// Of options.
struct ThingOptions {
  bool is_causal = false;
  std::optional<int64_t> dims;  ///< how many
};
/// Four. Errors: kInvalidArgument if low. Source: a book.
[[nodiscard]] Tensor fourth(const Tensor& x, const ThingOptions& options = {});
}  // namespace pio::ops
"""


def parameters_in(signature: str) -> list[tuple[str, str]]:
    """(name, default) of each parameter of a function's text; floats as Python shows them."""
    inner = signature[signature.index("(") + 1 : signature.rindex(") ->")]
    out = []
    for item in re.split(r",\s*(?![^\[]*\])", inner):
        name, _, default = item.partition(" = ")
        default = default.strip().replace("'", '"')
        if re.fullmatch(r"-?[\d.]+(e-?\d+)?", default) and re.search(r"[.e]", default):
            default = f"{float(default):.6g}"
        out.append((name.partition(":")[0].strip(), default))
    return out


class OpReference(unittest.TestCase):
    def setUp(self) -> None:
        self.ops = read_ops(PROJECT / "src" / "pio")

    def test_every_op_has_all_parts(self) -> None:
        self.assertGreater(len(self.ops), 45)
        for op in self.ops:
            with self.subTest(op.name):
                self.assertEqual(op.missing(), [])
                self.assertTrue(op.text)
                self.assertNotRegex(op.text + str(op.parts), r"\bk[A-Z]\w+", "a C++ name")

    def test_the_page_is_up_to_date(self) -> None:
        done = subprocess.run(
            [sys.executable, TOOL, "--check"], capture_output=True, text=True, check=False
        )
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_the_python_functions_have_these_signatures_and_docstrings(self) -> None:
        for op in self.ops:
            with self.subTest(op.name):
                function = getattr(inference_pio, op.name)
                signature, _, doc = inspect.getdoc(function).partition("\n\n")
                self.assertEqual(parameters_in(signature), parameters_in(op.signature))
                self.assertEqual(doc.strip(), docstring(op))

    def test_every_function_of_tensors_is_in_the_reference(self) -> None:
        documented = {op.name for op in self.ops}
        for name, value in vars(inference_pio).items():
            doc = inspect.getdoc(value) or ""
            if type(value).__name__ == "nb_func" and re.match(
                r"\w+\(.*Tensor.*\) -> [\w.]*Tensor", doc
            ):
                with self.subTest(name):
                    self.assertIn(name, documented)

    def test_the_header_is_sorted_and_holds_every_op(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "op_docs.h"
            subprocess.run([sys.executable, TOOL, "--header", file], check=True)
            names = re.findall(r'^      \{"(\w+)", "', file.read_text(), re.MULTILINE)
        self.assertEqual(names, sorted(op.name for op in self.ops))


class Parsing(unittest.TestCase):
    def read(self, text: str) -> dict[str, Op]:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "ops.h"
            file.write_text(text)
            return {op.name: op for op in _read_header(file, {})}

    def test_a_comment_belongs_to_what_follows_it(self) -> None:
        ops = self.read(HEADER)
        self.assertEqual(ops["first"].text, "One. x: f32.")
        self.assertEqual(ops["second"].text, "One. x: f32.")
        self.assertEqual(ops["third"].text, "")
        self.assertEqual(ops["fourth"].text, "Four.")

    def test_parts_of_all(self) -> None:
        ops = self.read(HEADER)
        self.assertEqual(
            ops["first"].parts, {"Shapes": "any shape.", "Errors": "InvalidArgumentError."}
        )
        self.assertEqual(
            ops["fourth"].parts["Errors"], "InvalidArgumentError; InvalidArgumentError if low."
        )
        self.assertEqual(ops["first"].missing(), ["Source"])
        self.assertEqual(set(ops["third"].missing()), {"Dtypes", "Source"})
        self.assertLessEqual(set(ops["fourth"].parts), set(PARTS))

    def test_signatures(self) -> None:
        ops = self.read(HEADER)
        self.assertEqual(
            ops["first"].signature,
            "first(x: Tensor, low: float | None = None, scale: float = 1e-05) -> Tensor",
        )
        self.assertEqual(
            ops["fourth"].signature,
            "fourth(x: Tensor, is_causal: bool = False, dims: int | None = None) -> Tensor",
        )
        self.assertEqual(ops["fourth"].parameters[2].doc, "how many")


if __name__ == "__main__":
    unittest.main()
