#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fail when a file under src/ includes or imports what its folder may not (ARCHITECTURE.md has the table).

Looks at direct includes only. Tests (*_test.cpp, *_bench.cpp, *_test_*.h, models/*/tests/) may
include anything.

  python3 tools/check_layers.py [ROOT]
"""

import ast
import re
import sys
from pathlib import Path

# Folder of src/pio -> what it may include besides itself: folders of src/pio, or single headers.
ENGINE = {
    "base": "",
    "quant": "base",
    "text": "base",
    "media": "base",
    "kernels": "base quant",
    "formats": "base quant",
    "tensor": "base quant kernels/device.h",
    "ops": "base quant kernels tensor",
    "plan": "base quant kernels tensor ops",
    "nn": "base formats tensor ops",
    "generation": "base text media kernels/device.h tensor nn plan",
    "plugin": "base quant text media kernels formats tensor ops plan nn generation",
    "server": "base text media generation plugin",
}
MODELS = (
    "base text media formats tensor ops nn plugin generation/session.h generation/request.h"
    # plugin/eval.h is in plugin: the only door to evaluation that a model has.
)
# Python modules that no file under src/ may import; pyproject.toml has them for ruff.
BANNED_MODULES = {"torch", "numpy", "transformers", "accelerate"}

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)
TEST_FILE = re.compile(r"_(test|bench)\.(cpp|cu)$|_test_[^/]*\.h$|_test\.h$")


def area_of(path: str) -> tuple[str, str]:
    """The area of a path below src/: ("pio", folder), ("model", name), or ("other", "")."""
    parts = path.split("/")
    if parts[0] == "pio" and len(parts) > 2:
        return "pio", parts[1]
    if parts[:2] == ["inference_pio", "models"] and len(parts) > 3:
        return "model", parts[2]
    return "other", ""


def resolve(src: Path, file: Path, header: str, quoted: bool) -> str | None:
    """The included file's path below src/, or None for headers from elsewhere."""
    candidates = [file.parent / header] if quoted else []
    candidates.append(src / header)
    for candidate in candidates:
        if candidate.is_file():
            target = candidate.resolve()
            return target.relative_to(src).as_posix() if target.is_relative_to(src) else None
    # A header that does not exist (yet) is judged by its spelling.
    return header if header.startswith(("pio/", "inference_pio/")) else None


def allowed(area: tuple[str, str], target: str) -> bool:
    """Whether files of `area` may include `target`, a path below src/."""
    kind, name = area
    target_area = area_of(target)
    if kind == "other" or target_area == area:
        return True
    rights = (MODELS if kind == "model" else ENGINE[name]).split()
    if target_area[0] != "pio":
        return False
    return target_area[1] in rights or target.removeprefix("pio/") in rights


def check_includes(root: Path, file: Path) -> list[str]:
    """Messages for one C++ file."""
    src = root / "src"
    name = file.relative_to(root).as_posix()
    area = area_of(file.relative_to(src).as_posix())
    if TEST_FILE.search(name) or (area[0] == "model" and f"/{area[1]}/tests/" in name):
        return []
    if area[0] == "pio" and area[1] not in ENGINE:
        return [f"{name}: folder pio/{area[1]} is not in the table of tools/check_layers.py"]
    problems = []
    text = file.read_text(encoding="utf-8")
    for match in INCLUDE.finditer(text):
        target = resolve(src, file, match[2], match[1] == '"')
        if target is None or allowed(area, target):
            continue
        line = text.count("\n", 0, match.start(2)) + 1
        who = f"models/{area[1]}" if area[0] == "model" else area[1]
        may = (MODELS if area[0] == "model" else ENGINE[area[1]]) or "nothing"
        problems.append(f"{name}:{line}: {who} includes {target}, but may include only: {may}")
    return problems


def check_imports(root: Path, file: Path) -> list[str]:
    """Messages for one Python file: banned modules, and one model importing another."""
    name = file.relative_to(root).as_posix()
    area = area_of(file.relative_to(root / "src").as_posix())
    problems = []
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"), name)):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            modules = [node.module]
        else:
            continue
        for module in modules:
            if module.split(".")[0] in BANNED_MODULES:
                problems.append(f"{name}:{node.lineno}: imports {module}, banned under src/")
            other = re.search(r"\binference_pio\.models\.(\w+)", module)
            if area[0] == "model" and other and other[1] != area[1]:
                problems.append(f"{name}:{node.lineno}: model {area[1]} imports model {other[1]}")
    return problems


def main() -> int:
    """Check the tree; print every problem; 1 if there is one."""
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[1]).resolve()
    problems: list[str] = []
    count = 0
    for file in sorted((root / "src").rglob("*")):
        if file.suffix in {".cpp", ".h", ".inc", ".cu", ".cl"}:
            problems += check_includes(root, file)
        elif file.suffix == ".py":
            problems += check_imports(root, file)
        else:
            continue
        count += 1
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"check_layers: {count} files, {len(problems)} problems")
    return 1 if problems or not count else 0


if __name__ == "__main__":
    sys.exit(main())
