# SPDX-License-Identifier: Apache-2.0
"""OpenVINO GenAI: its wheels in a virtual environment of their own, and its pipeline as engines."""

import json
import venv
from dataclasses import dataclass
from pathlib import Path

from engine import Engine, Kind, Sample, Unsupported, Work, speeds
from process import Start, json_of, output_of, start_of
from source_build import content_of, digest_of, python_with, run

NAME = "openvino"
HERE = Path(__file__).resolve().parent
WHEELS = HERE / "openvino_wheels.txt"
WORKER = HERE / "openvino_worker.py"
ABOUT = (
    "import openvino, openvino_genai; print(openvino_genai.__version__ + ', precision',"
    " openvino.Core().get_property('CPU', 'INFERENCE_PRECISION_HINT').to_string())"
)


@dataclass(frozen=True)
class OpenVino:
    """The Python `python` that has openvino_genai, which reads GGUF files itself.

    cache: the type of keys and values, "f16" or "u8".
    """

    python: Path
    threads: int
    cache: str
    flags: str
    name: str = NAME

    def version(self) -> str:
        """As the package says it, and the precision that the processor's plugin computes in."""
        return output_of([self.python, "-I", "-c", ABOUT]).strip()

    def covers(self, kind: Kind, work: Work) -> bool:
        """See Engine. A cache of 8 bits is measured beside one of 16: it is the default."""
        return self.cache == "u8" or work.kv == "f16"

    def speed(self, model: Path, work: Work, repetitions: int) -> Sample:
        """See Engine.

        A prompt's rate is by the time to its first token, a generation's by the times of the tokens
        behind that; greedy sampling is in both, as in ours.
        """
        if work.prompt > 0 and (work.depth > 0 or work.parallel > 1):
            raise Unsupported("no prompt behind a depth, nor several")
        tokens = work.prompt or max(work.depth, 1)
        settings = {"prompt": tokens, "generate": work.generate, "parallel": work.parallel}
        rates: list[float] = json_of(
            self._worker("speed", model, {**settings, "repetitions": repetitions})
        )
        return speeds(rates)

    def start(self, model: Path, text: str, tokens: int) -> Start:
        """See Engine. The process is a Python that imports the package first."""
        return start_of(self._worker("start", model, {"text": text, "tokens": tokens}))

    def _worker(self, what: str, model: Path, settings: dict[str, object]) -> list[str | Path]:
        settings = {**settings, "threads": self.threads, "cache": self.cache}
        # -I: without the worker's folder on the path, where `openvino` is this file.
        return [self.python, "-I", WORKER, what, model, json.dumps(settings)]


def install(folder: Path) -> Path:
    """Make the virtual environment below `folder` unless it is there; its Python.

    Raises:
        Failure: pip failed, or a wheel has another checksum.
    """
    home = folder / NAME
    python, stamp = home / "bin/python", home / ".installed"
    if content_of(stamp) == digest_of(WHEELS) and python.is_file():
        return python
    venv.create(home, clear=True)
    pip = [python_with("pip"), "-m", "pip", "--python", str(python), "install", "--no-deps"]
    run([*pip, "--disable-pip-version-check", "--require-hashes", "-r", WHEELS])
    stamp.write_text(digest_of(WHEELS))
    return python


def engines(folder: Path, isa: str, threads: int, jobs: int) -> list[Engine]:
    """Its sets of flags; it is installed first where it is not. Raises Failure.

    None for "avx2": the plugin picks its instruction set itself.
    """
    if isa != "native":
        return []
    python = install(folder)
    return [
        OpenVino(python, threads, "f16", "KV f16"),
        OpenVino(python, threads, "u8", "KV u8, its default"),
    ]
