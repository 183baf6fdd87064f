# SPDX-License-Identifier: Apache-2.0
"""ik_llama.cpp: its source in ik-llama-cpp-python, and its programs as engines."""

from dataclasses import dataclass
from pathlib import Path

from engine import Engine, Kind, Unsupported, Work
from ggml_engine import GgmlEngine
from source_build import SourcePackage, build

NAME = "ik_llama.cpp"
VERSION = "0.1.5"
SHA256 = "33c67eb99e4dcab5e611050433243815709b8b3067753f9ce18375013cf002ad"

# CMake calls a script that the package lacks to write the commit into the programs. The package
# does not tell the commit either.
SCRIPT = """set(BUILD_NUMBER 1)
set(BUILD_COMMIT "unknown")
set(BUILD_COMPILER "${CMAKE_C_COMPILER_ID} ${CMAKE_C_COMPILER_VERSION}")
set(BUILD_TARGET "unknown")
configure_file(common/build-info.cpp.in common/build-info.cpp @ONLY)
"""


def mend(source: Path) -> None:
    """Put the script into `source`."""
    script = source / "common/cmake/build-info-gen-cpp.cmake"
    script.parent.mkdir(exist_ok=True)
    script.write_text(SCRIPT)


SOURCE = SourcePackage(
    name=NAME,
    package="ik-llama-cpp-python",
    version=VERSION,
    sha256=SHA256,
    carried=f"ik_llama_cpp_python-{VERSION}/vendor/ik_llama.cpp",
    settings=(
        "-DCMAKE_BUILD_TYPE=Release",
        "-DLLAMA_BUILD_TESTS=OFF",
        "-DLLAMA_BUILD_SERVER=OFF",
        # Attention over caches that no case has.
        "-DGGML_IQK_FA_ALL_QUANTS=OFF",
    ),
    native=("-DGGML_NATIVE=ON",),
    avx2=("-DGGML_NATIVE=OFF", *(f"-DGGML_{flag}=ON" for flag in ("AVX", "AVX2", "FMA", "F16C"))),
    targets=("llama-bench", "llama-batched-bench", "llama-cli"),
    mend=mend,
)


@dataclass(frozen=True)
class IkLlamaCpp(GgmlEngine):
    """See GgmlEngine."""

    name: str = NAME
    answers: str = "llama-cli"
    answer_flags: tuple[str, ...] = ("--log-disable",)  # a file where it runs
    cold_runs: int = 1  # it warms up with one token

    def version(self) -> str:
        """That of the package."""
        return f"as in {SOURCE.package} {VERSION} (sha256 {SHA256[:12]})"

    def covers(self, kind: Kind, work: Work) -> bool:
        """See Engine. With -fa 1 it aborts on several sequences, as of this version."""
        return "-fa 1" in self.flags or (kind is Kind.SPEED and work.parallel > 1)

    def tests_of(self, work: Work) -> list[str]:
        """See GgmlEngine. Its llama-bench has no prompt behind a depth."""
        if work.depth == 0:
            return ["-p", str(work.prompt), "-n", str(work.generate)]
        if work.prompt > 0:
            raise Unsupported("llama-bench has no prompt behind a depth")
        return ["-p", "0", "-n", "0", "-gp", f"{work.depth},{work.generate}"]


def engines(folder: Path, isa: str, threads: int, jobs: int) -> list[Engine]:
    """Its sets of flags; it is built first where it is not. Raises Failure."""
    programs = build(SOURCE, folder, isa, jobs)
    return [
        IkLlamaCpp(
            programs,
            threads,
            f"-fa {attention} -rtr {repack}",
            ("-fa", attention, "-rtr", repack),
            ("-fa", attention, *(["-rtr"] if repack == "1" else [])),
        )
        for attention in ("1", "0")
        for repack in ("0", "1")
    ]
