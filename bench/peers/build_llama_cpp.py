#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Build llama.cpp for this machine, once, and print the folder of its programs.

Its source is in the source distribution of llama-cpp-python. pip downloads that (with all that is
set for pip: index, certificates, proxy), its checksum is verified, CMake builds the two programs
that compare.py runs. About ten minutes on two cores. Run with a Python that has pip:
.venv/bin/python bench/peers/build_llama_cpp.py
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from machine import this_machine
from process import Command, Failure

PACKAGE, VERSION = "llama-cpp-python", "0.3.36"
SHA256 = "832db0699007f1be95a7e41ef12e88926b02ba836461e36a36372db2760c1a2e"
COMMIT = "0c1e570"  # of llama.cpp, as the package's change log says
CARRIED = f"llama_cpp_python-{VERSION}/vendor/llama.cpp"

PEERS = Path(__file__).resolve().parents[2] / "build/peers"
SOURCE = PEERS / "llama.cpp-source"
BUILD = PEERS / "llama.cpp"
BIN = BUILD / "bin"
TARGETS = ("llama-bench", "llama-completion")
SETTINGS = [
    "-DCMAKE_BUILD_TYPE=Release",
    "-DGGML_NATIVE=ON",
    # Programs that are not measured, and the libraries that only they need.
    *(f"-DLLAMA_BUILD_{part}=OFF" for part in ("APP", "EXAMPLES", "MTMD", "SERVER", "TESTS", "UI")),
    "-DLLAMA_OPENSSL=OFF",
    # Else its CMake would ask git, which answers for the repository around build/.
    f"-DLLAMA_BUILD_COMMIT={COMMIT}",
    "-DLLAMA_BUILD_NUMBER=1",
]


def run(command: Command) -> None:
    """Run `command` with its output on stderr: stdout is for the path alone."""
    try:
        status = subprocess.run(command, stdout=sys.stderr).returncode
    except OSError as error:
        raise Failure(f"cannot run {command[0]}: {error.strerror}") from error
    if status != 0:
        raise Failure(f"{' '.join(map(str, command[:4]))} ... ended with status {status}")


def download(folder: Path) -> Path:
    """The source distribution, fetched by pip into `folder`, its checksum verified."""
    # Only this package as source: what pip needs to read its metadata may come as wheels.
    pip: list[str | Path] = [sys.executable, "-m", "pip", "download", "--no-deps"]
    pip += ["--disable-pip-version-check", "--no-binary", PACKAGE, "--dest", folder]
    run([*pip, f"{PACKAGE}=={VERSION}"])
    archive = next(folder.glob("*.tar.gz"), None)
    if archive is None:
        raise Failure(f"pip downloaded no .tar.gz of {PACKAGE} {VERSION}")
    with archive.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    if digest != SHA256:
        raise Failure(f"{archive.name} has sha256 {digest}, wanted {SHA256}")
    return archive


def unpack(archive: Path, folder: Path) -> Path:
    """Take llama.cpp out of `archive`; its place below `folder`."""
    with tarfile.open(archive) as package:
        # Pythons before 3.11.4 lack the filter; the checksum already says what is in there.
        package.extraction_filter = getattr(tarfile, "data_filter", lambda member, _: member)
        inside = (member for member in package if member.name.startswith(CARRIED + "/"))
        package.extractall(folder, members=inside)
    return folder / CARRIED


def fetch() -> None:
    """Put llama.cpp's source into SOURCE, whole or not at all."""
    PEERS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=PEERS, prefix=".download-") as name:
        unpacked = unpack(download(Path(name)), Path(name))
        shutil.rmtree(SOURCE, ignore_errors=True)
        unpacked.rename(SOURCE)
    (SOURCE / ".sha256").write_text(SHA256)


def configure() -> None:
    """Run CMake on SOURCE for BUILD."""
    run(["cmake", "-S", SOURCE, "-B", BUILD, "-G", "Ninja", *SETTINGS])


def stamp_text() -> str:
    """What a finished build is known by: another processor or setting is another build."""
    machine = this_machine()
    return "\n".join([SHA256, machine.cpu, " ".join(machine.flags), *SETTINGS, *TARGETS]) + "\n"


def content_of(file: Path) -> str:
    """The text of `file`, empty if there is none."""
    return file.read_text() if file.is_file() else ""


def build(jobs: int) -> None:
    """Fetch, configure and build what is missing."""
    stamp = BUILD / ".built"
    if content_of(stamp) == stamp_text() and all((BIN / name).is_file() for name in TARGETS):
        return
    if content_of(SOURCE / ".sha256") != SHA256:
        fetch()
    configure()
    run(["cmake", "--build", BUILD, "--parallel", str(jobs), "--target", *TARGETS])
    stamp.write_text(stamp_text())


def main() -> int:
    """Build unless it is built; print the folder of the programs."""
    parser = argparse.ArgumentParser(description="Build llama.cpp for compare.py.")
    cpus = len(os.sched_getaffinity(0))
    parser.add_argument(
        "--jobs", type=int, default=cpus, help=f"compilers at once (default: {cpus})"
    )
    options = parser.parse_args()
    try:
        build(options.jobs)
    except (Failure, OSError, tarfile.TarError) as error:
        print(f"{Path(__file__).name}: {error}", file=sys.stderr)
        return 2
    print(BIN)
    return 0


if __name__ == "__main__":
    sys.exit(main())
