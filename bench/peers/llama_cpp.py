# SPDX-License-Identifier: Apache-2.0
"""llama.cpp: its source in llama-cpp-python, and its programs as engines."""

from dataclasses import dataclass
from pathlib import Path

from engine import Engine, Kind, Work
from ggml_engine import GgmlEngine
from process import outputs_of
from source_build import SourcePackage, build

NAME = "llama.cpp"
VERSION = "0.3.36"
COMMIT = "0c1e570"  # of llama.cpp, as the package's change log says
QUANTIZE = "llama-quantize"  # makes the model files of all engines

SOURCE = SourcePackage(
    name=NAME,
    package="llama-cpp-python",
    version=VERSION,
    sha256="832db0699007f1be95a7e41ef12e88926b02ba836461e36a36372db2760c1a2e",
    carried=f"llama_cpp_python-{VERSION}/vendor/llama.cpp",
    settings=(
        "-DCMAKE_BUILD_TYPE=Release",
        # Programs that are not measured, and the libraries that only they need.
        *(
            f"-DLLAMA_BUILD_{part}=OFF"
            for part in ("APP", "EXAMPLES", "MTMD", "SERVER", "TESTS", "UI")
        ),
        "-DLLAMA_OPENSSL=OFF",
        # Else its CMake would ask git, which answers for the repository around build/.
        f"-DLLAMA_BUILD_COMMIT={COMMIT}",
        "-DLLAMA_BUILD_NUMBER=1",
    ),
    native=("-DGGML_NATIVE=ON",),
    avx2=(
        "-DGGML_NATIVE=OFF",
        *(f"-DGGML_{flag}=ON" for flag in ("SSE42", "AVX", "AVX2", "BMI2", "FMA", "F16C")),
        *(f"-DGGML_{flag}=OFF" for flag in ("AVX_VNNI", "AVX512")),
    ),
    targets=("llama-bench", "llama-batched-bench", "llama-completion", QUANTIZE),
)


@dataclass(frozen=True)
class LlamaCpp(GgmlEngine):
    """See GgmlEngine. The prompt's trial of what fits into a device's memory is left out."""

    name: str = NAME
    answers: str = "llama-completion"
    answer_flags: tuple[str, ...] = ("-no-cnv", "-fit", "off")

    def version(self) -> str:
        """As llama-bench says it: "0.5.0-dev (build 1, commit 0c1e570)"."""
        text = "".join(outputs_of([self.bin / "llama-bench", "--version"]))
        return text.strip().partition("\n")[0].removeprefix("version: ")

    def covers(self, kind: Kind, work: Work) -> bool:
        """See Engine. It takes a quantized cache of values with flash attention only."""
        return kind in self.kinds and (work.kv == "f16" or "-fa 1" in self.flags)

    def tests_of(self, work: Work) -> list[str]:
        """See GgmlEngine."""
        tests = ["-p", str(work.prompt), "-n", str(work.generate)]
        return [*tests, "-d", str(work.depth)]


def engines(folder: Path, isa: str, threads: int, jobs: int) -> list[Engine]:
    """Its sets of flags; it is built first where it is not. Raises Failure."""
    programs = build(SOURCE, folder, isa, jobs)
    speed = frozenset({Kind.SPEED})
    starts = frozenset({Kind.FIRST_TOKEN, Kind.MEMORY})
    return [
        LlamaCpp(programs, threads, "-fa 0", ("-fa", "0"), ("-fa", "off"), speed),
        LlamaCpp(programs, threads, "-fa 1", ("-fa", "1"), ("-fa", "on")),
        # Rows of weights in another order are a second copy, and take time to make.
        LlamaCpp(programs, threads, "-fa 1 --no-repack", (), ("-fa", "on", "--no-repack"), starts),
    ]
