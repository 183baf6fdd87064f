# SPDX-License-Identifier: Apache-2.0
"""The models that are measured: the default checkpoint, and Qwen3-0.6B's shape in five formats."""

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import synthetic_gguf
from ours import checkpoint
from process import Failure, output_of
from source_build import content_of, digest_of


@dataclass(frozen=True)
class Model:
    """A model by its name in cases; `format` is llama-quantize's name of it, empty for SmolLM2."""

    name: str
    label: str
    format: str = ""


SMOLLM2 = Model("smollm2", "SmolLM2-135M Q4_1")
QWEN3 = [
    Model(f"qwen3-{format.lower()}", f"Qwen3-0.6B {format}", format)
    for format in ("Q4_0", "Q4_K_M", "Q8_0", "BF16")
]
MODELS = {model.name: model for model in [SMOLLM2, *QWEN3]}
CHECKPOINT = "SmolLM2-135M-Instruct.Q4_1"
MASTER = "BF16"  # of which the others are made


def prepare(
    names: Iterable[str], folder: Path, binary: Path, quantize: Callable[[], Path]
) -> dict[str, Path]:
    """The files of the models `names`; those of random weights are made in `folder` once.

    quantize() gives llama-quantize, and is called only where a file is missing.

    Raises:
        Failure: the checkpoint is missing, or llama-quantize failed.
    """
    wanted = [MODELS[name] for name in dict.fromkeys(names)]
    made_by = digest_of(Path(synthetic_gguf.__file__)) + "\n"
    stamp = folder / "made-by"
    if any(model.format for model in wanted) and content_of(stamp) != made_by:
        folder.mkdir(parents=True, exist_ok=True)
        for model in QWEN3:  # of an older script
            _file_of(model.format, folder).unlink(missing_ok=True)
        stamp.write_text(made_by)
    return {
        model.name: _made(model.format, folder, quantize)
        if model.format
        else checkpoint(binary, CHECKPOINT)
        for model in wanted
    }


def _file_of(format: str, folder: Path) -> Path:
    return folder / f"qwen3-0.6b-{format}.gguf"


def _made(format: str, folder: Path, quantize: Callable[[], Path]) -> Path:
    file = _file_of(format, folder)
    if file.is_file():
        return file
    part = file.with_suffix(".part")
    try:
        if format == MASTER:
            with part.open("wb") as out:
                synthetic_gguf.write(out, synthetic_gguf.Shape())
        else:
            master = _made(MASTER, folder, quantize)
            print(f"models: {file.name}", file=sys.stderr)
            output_of([quantize(), master, part, format])
        part.rename(file)
    except OSError as error:
        raise Failure(f"cannot make {file.name}: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)
    return file
